import type { Event } from '@isthmus/shared/wire/events';
import type { Command } from '../core/call-command.ts';
import type { Emitter } from '../core/emitter.ts';
import type { Call, CallEvents, Party, Transfer } from './call.ts';
import { type CallSetUp, remoteOf } from './call-set-up.ts';

export interface CallTransfersDeps {
  readonly setUp: CallSetUp;
  readonly send: (command: Command) => void;
  readonly tell: Emitter<CallEvents>['emit'];
}

/** Who is on the other side of a call, and who is to be. */
export class CallTransfers {
  readonly #deps: CallTransfersDeps;
  #remote: Party;
  #referredBy: string | undefined;
  #transfer: Transfer | undefined;

  constructor(deps: CallTransfersDeps) {
    this.#deps = deps;
    const { setUp } = deps;
    this.#remote = remoteOf(setUp);
    this.#referredBy = setUp.direction === 'incoming' ? setUp.referredBy : undefined;
  }

  get remote(): Party {
    return this.#remote;
  }

  /** Who sent the one on the other side; undefined where nobody did. */
  get referredBy(): string | undefined {
    return this.#referredBy;
  }

  /** Undefined where none was asked for. */
  get transfer(): Transfer | undefined {
    return this.#transfer;
  }

  to(target: string): void {
    this.#begin({ action: 'call.transfer', target });
  }

  toCall(other: Pick<Call, 'id'>): void {
    this.#begin({ action: 'call.transfer-to', otherCallId: other.id });
  }

  take(news: Event): void {
    switch (news.event) {
      case 'call.transfer':
        this.#tell({ state: news.state, text: news.text });
        return;
      case 'call.moving':
        this.#deps.tell('moving', { state: news.state, to: news.to, text: news.text });
        return;
      case 'call.moved':
        this.#remote = news.to;
        this.#referredBy = undefined;
        this.#deps.tell('remote', news.to);
        return;
      default:
    }
  }

  /** The service would not even ask. */
  refused(text: string): void {
    this.#tell({ state: 'failed', text });
  }

  #begin(command: Command): void {
    this.#tell({ state: 'trying', text: 'transferring' });
    this.#deps.send(command);
  }

  #tell(transfer: Transfer): void {
    const isNews =
      transfer.state !== this.#transfer?.state || transfer.text !== this.#transfer.text;
    this.#transfer = transfer;
    if (isNews) this.#deps.tell('transfer', transfer);
  }
}

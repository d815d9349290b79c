import type { Clock } from '../clock.ts';
import { parseVia, tagOf } from '../sip/header-values.ts';
import { firstHeader, type SipMessage, type SipRequest, type SipResponse } from '../sip/message.ts';
import { responseTo } from '../sip/respond.ts';
import { BRANCH_COOKIE, randomToken } from '../sip/tokens.ts';
import { writeMessage } from '../sip/write-message.ts';
import type { Flow } from '../transport/flow.ts';
import { ClientTransaction } from './client-transaction.ts';
import { ServerTransaction } from './server-transaction.ts';

export interface TransactionsDeps {
  readonly clock: Clock;
  /** Told of every message that leaves. */
  readonly onSent: (bytes: Uint8Array, flow: Flow) => void;
}

export interface TransactionUser {
  onRequest(transaction: ServerTransaction): void;
  /** The ACK of a 2xx is a transaction of its own and has no answer. */
  onAck(ack: SipRequest, flow: Flow): void;
}

export interface Transactions {
  receive(message: SipMessage, flow: Flow): void;
  /** Sends a request whose top Via has a branch of ours. */
  start(
    request: SipRequest,
    flow: Flow,
    onResponse: (response: SipResponse) => void,
  ): ClientTransaction;
  /** Outside any transaction: the ACK of a 2xx. */
  send(request: SipRequest, flow: Flow): void;
  /** What waits on a lost flow fails at once; what came from it is cancelled. */
  abandon(flow: Flow): void;
}

export function createTransactions(deps: TransactionsDeps, user: TransactionUser): Transactions {
  return new TransactionTable(deps, user);
}

class TransactionTable implements Transactions {
  readonly #deps: TransactionsDeps;
  readonly #user: TransactionUser;
  readonly #servers = new Map<string, ServerTransaction>();
  readonly #clients = new Map<string, ClientTransaction>();

  constructor(deps: TransactionsDeps, user: TransactionUser) {
    this.#deps = deps;
    this.#user = user;
  }

  receive(message: SipMessage, flow: Flow): void {
    if (message.kind === 'response') this.#clients.get(clientKey(message))?.receive(message);
    else if (message.method === 'ACK') this.#ack(message, flow);
    else this.#request(message, flow);
  }

  start(
    request: SipRequest,
    flow: Flow,
    onResponse: (response: SipResponse) => void,
  ): ClientTransaction {
    const key = clientKey(request);
    const transaction = new ClientTransaction({
      request,
      flow,
      clock: this.#deps.clock,
      onSent: (bytes) => {
        this.#deps.onSent(bytes, flow);
      },
      onResponse,
      onEnd: () => this.#clients.delete(key),
      startCancel: (cancel) => this.start(cancel, flow, () => undefined),
    });
    this.#clients.set(key, transaction);
    transaction.start();
    return transaction;
  }

  send(request: SipRequest, flow: Flow): void {
    const bytes = writeMessage(request);
    flow.send(bytes);
    this.#deps.onSent(bytes, flow);
  }

  abandon(flow: Flow): void {
    for (const it of [...this.#clients.values()]) if (it.flow.id === flow.id) it.fail();
    for (const it of [...this.#servers.values()]) if (it.flow.id === flow.id) it.cancelled();
  }

  #ack(ack: SipRequest, flow: Flow): void {
    const invite = this.#servers.get(serverKey(ack, flow, 'INVITE'));
    if (invite?.acknowledged() !== true) this.#user.onAck(ack, flow);
  }

  #request(request: SipRequest, flow: Flow): void {
    const key = serverKey(request, flow, request.method);
    const known = this.#servers.get(key);
    if (known !== undefined) {
      known.repeated();
      return;
    }
    const transaction = this.#open(request, flow, key);
    if (request.method === 'CANCEL') this.#cancel(transaction);
    else this.#user.onRequest(transaction);
  }

  #open(request: SipRequest, flow: Flow, key: string): ServerTransaction {
    const transaction = new ServerTransaction({
      request,
      flow,
      clock: this.#deps.clock,
      onSent: (bytes) => {
        this.#deps.onSent(bytes, flow);
      },
      onEnd: () => this.#servers.delete(key),
    });
    this.#servers.set(key, transaction);
    if (request.method === 'INVITE') transaction.respond(responseTo(request, { status: 100 }));
    return transaction;
  }

  #cancel(transaction: ServerTransaction): void {
    const { request, flow } = transaction;
    const invite = this.#servers.get(serverKey(request, flow, 'INVITE'));
    const status = invite === undefined ? 481 : 200;
    transaction.respond(responseTo(request, { status, toTag: randomToken() }));
    invite?.cancelled();
  }
}

function clientKey(message: SipMessage): string {
  const branch = parseVia(firstHeader(message, 'Via') ?? '')?.params.get('branch') ?? '';
  return `${branch}|${firstHeader(message, 'CSeq')?.split(/\s+/)[1] ?? ''}`;
}

/** RFC 3261 §17.2.3; a branch without the cookie says nothing, so the call stands in for it. */
function serverKey(request: SipRequest, flow: Flow, method: string): string {
  const via = parseVia(firstHeader(request, 'Via') ?? '');
  const branch = via?.params.get('branch') ?? '';
  const sentBy = `${via?.host ?? ''}:${String(via?.port ?? 5060)}`;
  const id = branch.startsWith(BRANCH_COOKIE)
    ? branch
    : [
        firstHeader(request, 'Call-ID'),
        firstHeader(request, 'CSeq')?.split(/\s+/)[0],
        tagOf(firstHeader(request, 'From')),
      ].join(' ');
  return `${flow.id}|${id}|${sentBy}|${method}`;
}

import type { Digit } from '../../core/media/digit-reader.ts';
import { digitIn, INFO_TYPES, infoBody } from '../../core/sip/dtmf-info.ts';
import type { DialogRequests } from './dialog-requests.ts';
import type { LegContext } from './leg-context.ts';
import type { LegEvents } from './leg-events.ts';
import type { PeerRequest } from './peer-request.ts';

/** Digits of one dialog that come and go by INFO. */
export class InfoDigits {
  readonly #context: LegContext;
  readonly #events: LegEvents;
  readonly #requests: DialogRequests;

  constructor(context: LegContext, events: LegEvents, requests: DialogRequests) {
    this.#context = context;
    this.#events = events;
    this.#requests = requests;
  }

  /** INFO of the peer's; only digits mean anything to us. */
  readonly take = (request: PeerRequest): void => {
    const { message } = request;
    // RFC 6086 §4.2.2: packages we have not said we take.
    if (message.getHeader('info-package') !== undefined) {
      request.reject({ statusCode: 469, extraHeaders: ['Recv-Info: '] });
      return;
    }
    const type = message.getHeader('content-type');
    const digit = type === undefined ? undefined : digitIn(type, message.body);
    if (digit === 'unknown') {
      request.reject({ statusCode: 415, extraHeaders: [`Accept: ${INFO_TYPES}`] });
      return;
    }
    request.accept({ statusCode: 200 });
    if (digit) this.#events.push({ kind: 'sip-digit', ...digit });
  };

  /** Where the tenant's network wants that; else the digit went as RTP. */
  send(digit: Digit): void {
    const { dtmf } = this.#context.policy;
    if (dtmf === 'rtp') return;
    const nothing = (): void => undefined;
    this.#requests.send({
      ...{ method: 'INFO', headers: [], onAccept: nothing, onReject: nothing },
      body: {
        contentDisposition: 'render',
        ...infoBody(digit, dtmf === 'info-dtmf' ? 'dtmf' : 'dtmf-relay'),
      },
    });
  }
}

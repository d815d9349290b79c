import type { IncomingRequestMessage } from 'sip.js/lib/core/index.js';
import { parseSubscriptionState } from '../../core/sip/event-headers.ts';
import { ALLOW } from '../../core/sip/ims-headers.ts';
import { parseNameAddr } from '../../core/sip/name-addr.ts';
import type { Replaces } from '../../core/sip/refer.ts';
import {
  parseReferTo,
  referToHeader,
  SIPFRAG_TYPE,
  sipfragOf,
  statusOfSipfrag,
} from '../../core/sip/refer.ts';
import { mediaTypeOf } from '../../core/sip/sdp-body.ts';
import type { IncomingRefer, OutgoingRefer } from '../../ports/sip-refer.ts';
import type { DialogRequests } from './dialog-requests.ts';
import type { LegContext } from './leg-context.ts';
import type { LegEvents } from './leg-events.ts';
import type { PeerRequest } from './peer-request.ts';

/** Longer than any callee lets it ring; nobody subscribes beyond that (RFC 3515 §2.4.4). */
const EXPIRES_S = 180;

interface ReferralsDeps {
  readonly context: LegContext;
  readonly events: LegEvents;
  readonly requests: DialogRequests;
}

/** REFER within one dialog, asked and being asked (RFC 3515, RFC 4488). */
export class Referrals {
  readonly #deps: ReferralsDeps;
  #asked: number | undefined;

  constructor(deps: ReferralsDeps) {
    this.#deps = deps;
  }

  refer({ referredBy, replaces, target }: OutgoingRefer): void {
    const { context, events, requests } = this.#deps;
    const wantsNews = context.policy.referNews;
    requests.send({
      method: 'REFER',
      headers: [
        `Contact: ${context.contact()}`,
        `Refer-To: ${referToHeader(target, replaces)}`,
        `Referred-By: <${referredBy}>`,
        ...(wantsNews ? [] : ['Refer-Sub: false', 'Supported: norefersub']),
        ALLOW,
      ],
      onAccept: (message) => {
        // RFC 4488 §4: no news only where the other side says so, too.
        const isSilent = /^\s*false\b/i.test(message.getHeader('refer-sub') ?? '');
        events.push(
          isSilent
            ? { kind: 'sip-refer-settled', status: 202 }
            : { kind: 'sip-refer-progressed', status: 100 },
        );
      },
      onReject: (status) => {
        events.push({ kind: 'sip-refer-settled', status });
      },
    });
  }

  /** NOTIFY of the implicit subscription. One that comes before the 202 counts, too. */
  notified(request: PeerRequest): void {
    const { message } = request;
    const state = parseSubscriptionState(message.getHeader('subscription-state') ?? '');
    const isFrag = mediaTypeOf(message.getHeader('content-type') ?? '') === SIPFRAG_TYPE;
    const status = isFrag ? statusOfSipfrag(message.body) : undefined;
    if (!state || (status === undefined && state.state !== 'terminated')) {
      request.reject({ statusCode: 400 });
      return;
    }
    request.accept({ statusCode: 200 });
    const { events } = this.#deps;
    if (status !== undefined && status < 200) {
      if (state.state !== 'terminated') events.push({ kind: 'sip-refer-progressed', status });
      else events.push({ kind: 'sip-refer-settled', status: 408 });
      return;
    }
    events.push({ kind: 'sip-refer-settled', status: status ?? 408 });
  }

  referred(request: PeerRequest): void {
    const { message } = request;
    const values = message.getHeaders('refer-to');
    const wanted = values.length === 1 ? parseReferTo(values[0] ?? '') : undefined;
    // RFC 3515 §2.4.2: exactly one; and we call, but do nothing else for others.
    if (!wanted) request.reject({ statusCode: 400 });
    else if (wanted.method !== 'INVITE') request.reject({ statusCode: 603 });
    else if (this.#asked !== undefined) request.reject({ statusCode: 491 });
    else this.#deps.events.push({ kind: 'sip-referred', refer: this.#incoming(request, wanted) });
  }

  #incoming(
    request: PeerRequest,
    { replaces, target }: { readonly target: string; readonly replaces?: Replaces },
  ): IncomingRefer {
    const { message } = request;
    const referredBy = parseNameAddr(message.getHeader('referred-by') ?? '')?.uri.text;
    const isSilent = /^\s*false\b/i.test(message.getHeader('refer-sub') ?? '');
    let isOver = false;
    return {
      target,
      ...(replaces && { replaces }),
      ...(referredBy !== undefined && { referredBy }),
      accept: () => {
        this.#asked = message.cseq;
        const contact = `Contact: ${this.#deps.context.contact()}`;
        request.accept({
          statusCode: 202,
          extraHeaders: [contact, ...(isSilent ? ['Refer-Sub: false'] : [])],
        });
      },
      refuse: (statusCode) => {
        request.reject({ statusCode });
      },
      tell: (status) => {
        if (isOver) return;
        isOver = status >= 200;
        if (isOver) this.#asked = undefined;
        if (!isSilent) this.#notify(message, status);
      },
    };
  }

  #notify({ cseq }: IncomingRequestMessage, status: number): void {
    const { context, requests } = this.#deps;
    const state =
      status < 200 ? `active;expires=${String(EXPIRES_S)}` : 'terminated;reason=noresource';
    const nothing = (): void => undefined;
    requests.send({
      method: 'NOTIFY',
      headers: [
        `Contact: ${context.contact()}`,
        `Event: refer;id=${String(cseq)}`,
        `Subscription-State: ${state}`,
      ],
      body: {
        contentDisposition: 'render',
        contentType: `${SIPFRAG_TYPE};version=2.0`,
        content: sipfragOf(status),
      },
      ...{ onAccept: nothing, onReject: nothing },
    });
  }
}

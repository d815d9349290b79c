import type { ImsSubscriber } from '../ims-types.ts';
import { addressOf } from '../sip/header-values.ts';
import { firstHeader, NO_BODY, type SipRequest, withBody } from '../sip/message.ts';
import { REG_INFO_TYPE } from './reg-info.ts';

/** One dialog in which a subscriber hears of its registration (RFC 6665 §4.2). */
export interface Subscription {
  readonly callId: string;
  /** From and To of our requests, tags and all. */
  readonly local: string;
  readonly remote: string;
  readonly event: string;
  readonly subscriber: ImsSubscriber;
  /** The contact that subscribed; its NOTIFYs go where that is. */
  readonly bindingId: string;
  target: string;
  expiresAtMs: number;
  cseq: number;
  version: number;
  stopTimer: () => void;
}

export type NewSubscription = Pick<Subscription, 'subscriber' | 'bindingId' | 'expiresAtMs'>;

export function subscriptionOf(
  request: SipRequest,
  localTag: string,
  facts: NewSubscription,
): Subscription {
  return {
    ...facts,
    callId: firstHeader(request, 'Call-ID') ?? '',
    local: `${firstHeader(request, 'To') ?? ''};tag=${localTag}`,
    remote: firstHeader(request, 'From') ?? '',
    event: firstHeader(request, 'Event') ?? '',
    target: addressOf(firstHeader(request, 'Contact')) ?? '',
    ...{ cseq: 0, version: -1, stopTimer: () => undefined },
  };
}

export interface Notice {
  readonly state: string;
  readonly document: string;
  readonly via: string;
  readonly recordRoute: string;
  readonly contact: string;
}

export function notifyOf(
  { callId, cseq, event, local, remote, target }: Subscription,
  { contact, document, recordRoute, state, via }: Notice,
): SipRequest {
  const headers = Object.entries({
    Via: via,
    'Record-Route': recordRoute,
    'Max-Forwards': '70',
    From: local,
    To: remote,
    'Call-ID': callId,
    CSeq: `${String(cseq)} NOTIFY`,
    Contact: contact,
    Event: event,
    'Subscription-State': state,
  }).map(([name, value]) => ({ name, value }));
  const bare = { kind: 'request', method: 'NOTIFY', uri: target, headers, body: NO_BODY } as const;
  return withBody(bare, REG_INFO_TYPE, document);
}

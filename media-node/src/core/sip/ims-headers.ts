import { REG_INFO_TYPE } from '../registration/reg-event/reg-info.ts';
import { accessNetworkOf } from './access-network.ts';
import { REG_EVENT } from './event-headers.ts';
import { type Replaces, replacesHeader } from './refer.ts';

/** Multimedia telephony, percent-encoded as it stands in feature tags (3GPP TS 24.173 §5.1). */
const MMTEL_TAG = '+g.3gpp.icsi-ref="urn%3Aurn-7%3A3gpp-service.ims.icsi.mmtel"';
const MMTEL = 'urn:urn-7:3gpp-service.ims.icsi.mmtel';

export const ALLOWED_METHODS = [
  'ACK',
  'BYE',
  'CANCEL',
  'INFO',
  'INVITE',
  'MESSAGE',
  'NOTIFY',
  'OPTIONS',
  'PRACK',
  'REFER',
  'UPDATE',
];
export const ALLOW = `Allow: ${ALLOWED_METHODS.join(', ')}`;

/** What REGISTER is to say we understand (3GPP TS 24.229 §5.1.1.2.1). */
export const REGISTER_OPTION_TAGS = ['path', 'gruu', 'outbound'];

export const registerContact = (uri: string, instanceId: string): string =>
  `<${uri}>;+sip.instance="<${instanceId}>";reg-id=1;${MMTEL_TAG}`;

export const callContact = (uri: string): string => `<${uri}>;${MMTEL_TAG}`;

export const registerHeaders = (contact: string, expiresS: number): readonly string[] => [
  `Contact: ${contact}`,
  `Expires: ${String(expiresS)}`,
  ALLOW,
];

/** RFC 3261 §10.2.2: removed beside what is registered. */
export const withdrawnContacts = (uris: readonly string[] = []): readonly string[] =>
  uris.map((uri) => `Contact: <${uri}>;expires=0`);

/** What may differ from one request to the next. */
export interface InviteFacts {
  readonly identity: string;
  readonly privacy?: boolean;
  readonly headers?: readonly string[];
  readonly accessNetworkInfo?: string;
}

/** Of an initial INVITE (3GPP TS 24.229 §5.1.2A.1.1, §5.1.3.1). */
export const inviteHeaders = (facts: InviteFacts, contact: string): readonly string[] => [
  `Contact: ${contact}`,
  `P-Preferred-Identity: <${facts.identity}>`,
  ...privacyOf(facts.privacy),
  `P-Preferred-Service: ${MMTEL}`,
  `Accept-Contact: *;${MMTEL_TAG}`,
  ...accessNetworkOf(facts.accessNetworkInfo),
  'Accept: application/sdp',
  // RFC 5009 §8: we can gate what a caller hears before the answer.
  'P-Early-Media: supported',
  ALLOW,
  ...(facts.headers ?? []),
];

/** Of a call that we were asked to make (RFC 3891 §6.1, RFC 3892 §3). */
export const replacingHeaders = (facts: {
  readonly replaces?: Replaces;
  readonly referredBy?: string;
}): readonly string[] => [
  ...(facts.replaces ? ['Require: replaces', `Replaces: ${replacesHeader(facts.replaces)}`] : []),
  ...(facts.referredBy === undefined ? [] : [`Referred-By: <${facts.referredBy}>`]),
];

/**
 * `id` keeps the asserted identity from the callee, `none` overrides a subscription that hides it
 * (RFC 3325 §9.3; 3GPP TS 24.607 §4.5.2.1).
 */
const privacyOf = (privacy: boolean | undefined): readonly string[] =>
  privacy === undefined ? [] : [`Privacy: ${privacy ? 'id' : 'none'}`];

/** Of a MESSAGE; it has no Contact (RFC 3428 §4, 3GPP TS 24.247 §5.3.1.2). */
export const messageHeaders = (facts: InviteFacts): readonly string[] => [
  `P-Preferred-Identity: <${facts.identity}>`,
  ...privacyOf(facts.privacy),
  ...accessNetworkOf(facts.accessNetworkInfo),
  ALLOW,
];

export interface SubscribeFacts {
  readonly contact: string;
  readonly expiresS: number;
  readonly accessNetworkInfo: string | undefined;
}

/** Of a SUBSCRIBE to our own registration (RFC 3680 §4, 3GPP TS 24.229 §5.1.1.3). */
export const subscribeHeaders = (identity: string, facts: SubscribeFacts): readonly string[] => [
  `P-Preferred-Identity: <${identity}>`,
  ...resubscribeHeaders(facts),
];

export const resubscribeHeaders = (facts: SubscribeFacts): readonly string[] => [
  `Contact: ${facts.contact}`,
  `Event: ${REG_EVENT}`,
  `Expires: ${String(facts.expiresS)}`,
  `Accept: ${REG_INFO_TYPE}`,
  ...accessNetworkOf(facts.accessNetworkInfo),
  ALLOW,
];

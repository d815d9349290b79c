import { eventOf, parseSubscriptionState, REG_EVENT } from './event-headers.ts';
import { tokensOf } from './headers.ts';
import type { SipMessage } from './message.ts';
import { parseParameters } from './name-addr.ts';
import { mediaTypeOf, sdpOf } from './sdp-body.ts';

/** A refusal with the header that tells the caller what would have been accepted. */
export interface Unacceptable {
  readonly statusCode: 400 | 406 | 413 | 415 | 420 | 489;
  readonly extraHeaders: string[];
}

/** Option tags a request may Require of us. */
const UNDERSTOOD = new Set([
  'outbound',
  'gruu',
  'path',
  '100rel',
  'norefersub',
  'precondition',
  'replaces',
  'timer',
]);
const ACCEPT = 'Accept: application/sdp';
const SDP_RANGES = new Set(['application/sdp', 'application/*', '*/*']);

/** Why a well-formed request is not served, in the order of RFC 3261 §8.2.2.3 and §8.2.3. */
export function unacceptable(message: SipMessage): Unacceptable | undefined {
  const { start } = message;
  const method = start.kind === 'request' ? start.method : '';
  if (method === 'ACK' || method === 'CANCEL') return undefined;
  const missing = tokensOf(valuesOf(message, 'require')).filter(
    (it) => it !== '' && !UNDERSTOOD.has(it),
  );
  if (missing.length > 0)
    return { statusCode: 420, extraHeaders: [`Unsupported: ${missing.join(', ')}`] };
  if (method === 'NOTIFY') return unacceptableNews(message);
  if (method === 'MESSAGE') return unacceptableText(message);
  if (method !== 'INVITE') return undefined;
  if (!isEncodingKnown(message))
    return { statusCode: 415, extraHeaders: ['Accept-Encoding: identity'] };
  if (!isBodyKnown(message)) return { statusCode: 415, extraHeaders: [ACCEPT] };
  return takesSdp(message) ? undefined : { statusCode: 406, extraHeaders: [ACCEPT] };
}

/** RFC 6665 §4.1.3 and §8.2: news of what we never asked for, or in no state. */
function unacceptableNews(message: SipMessage): Unacceptable | undefined {
  const [event = ''] = valuesOf(message, 'event');
  const [state = ''] = valuesOf(message, 'subscription-state');
  // News of a REFER of ours come in its dialog (RFC 3515 §2.4.4).
  const isOfRefer = eventOf(event) === 'refer' && message.to.parameters['tag'] !== undefined;
  if (eventOf(event) !== REG_EVENT && !isOfRefer)
    return { statusCode: 489, extraHeaders: [`Allow-Events: ${REG_EVENT}`] };
  return parseSubscriptionState(state) ? undefined : { statusCode: 400, extraHeaders: [] };
}

/** A page of text is far shorter; nobody is to be sent a book. */
const MAX_TEXT_CHARS = 8 * 1024;
const CHARSETS = new Set(['utf-8', 'us-ascii']);

/** RFC 3428 §7: what a client cannot show is refused with what it can. */
function unacceptableText(message: SipMessage): Unacceptable | undefined {
  if (!isEncodingKnown(message))
    return { statusCode: 415, extraHeaders: ['Accept-Encoding: identity'] };
  const [type = ''] = valuesOf(message, 'content-type');
  const { charset = 'utf-8' } = parseParameters(type);
  const isKnown = CHARSETS.has((charset ?? '').replaceAll('"', '').toLowerCase());
  if (mediaTypeOf(type) !== 'text/plain' || !isKnown)
    return { statusCode: 415, extraHeaders: ['Accept: text/plain'] };
  return message.body.length > MAX_TEXT_CHARS ? { statusCode: 413, extraHeaders: [] } : undefined;
}

const valuesOf = ({ headers }: SipMessage, wanted: string): readonly string[] =>
  headers.filter(({ name }) => name === wanted).map(({ value }) => value);

const isEncodingKnown = (message: SipMessage): boolean =>
  message.body === '' ||
  tokensOf(valuesOf(message, 'content-encoding')).every((it) => it === '' || it === 'identity');

/** What is no description of the session may still be there, where it is marked as optional. */
function isBodyKnown(message: SipMessage): boolean {
  const [type] = valuesOf(message, 'content-type');
  const [disposition = ''] = valuesOf(message, 'content-disposition');
  if (message.body === '' || type === undefined) return true;
  return (
    sdpOf(type, message.body) !== undefined || /;\s*handling\s*=\s*optional/i.test(disposition)
  );
}

/** Our answer is a session description; without Accept a caller takes one (RFC 3261 §20.1). */
function takesSdp(message: SipMessage): boolean {
  const values = valuesOf(message, 'accept');
  return values.length === 0 || values.flatMap((it) => it.split(',')).some((it) => isSdpRange(it));
}

const isSdpRange = (range: string): boolean => SDP_RANGES.has(mediaTypeOf(range));

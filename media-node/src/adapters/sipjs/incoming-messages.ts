import {
  IncomingRequestMessage,
  IncomingResponseMessage,
  NameAddrHeader,
} from 'sip.js/lib/core/index.js';
import { eventOf, parseSubscriptionState } from '../../core/sip/event-headers.ts';
import type { SipMessage } from '../../core/sip/message.ts';
import { type NameAddr, parseNameAddr } from '../../core/sip/name-addr.ts';
import { mediaTypeOf } from '../../core/sip/sdp-body.ts';
import { keptAs } from './header-names.ts';
import { WireUri, wireParameters } from './wire-uri.ts';

/**
 * sip.js's own messages, filled from ours. Every header sip.js would ask its grammar for is already
 * parsed here: the grammar costs milliseconds, drops tel URIs and throws on some input.
 */
export function toRequest(message: SipMessage): IncomingRequestMessage | undefined {
  if (message.start.kind !== 'request') return undefined;
  const request = new IncomingRequestMessage();
  request.ruri = new WireUri(message.start.uri);
  filled(request, message);
  request.viaBranch = transactionOf(message);
  return request;
}

/** sip.js tells server transactions apart by this alone; there is more to it (RFC 3261 §17.2.3). */
function transactionOf({ cseq: { method }, via }: SipMessage): string {
  const owner = method === 'ACK' || method === 'CANCEL' ? 'INVITE' : method;
  return [via.branch, via.host.toLowerCase(), via.port ?? '', owner].join(' ');
}

export function toResponse(
  message: SipMessage,
  branch: string,
): IncomingResponseMessage | undefined {
  if (message.start.kind !== 'response') return undefined;
  const response = new IncomingResponseMessage();
  response.statusCode = message.start.status;
  response.reasonPhrase = message.start.reason;
  filled(response, message);
  response.viaBranch = branch;
  return response;
}

type Incoming = IncomingRequestMessage | IncomingResponseMessage;

function filled<T extends Incoming>(incoming: T, message: SipMessage): T {
  for (const { name, value } of message.headers) add(incoming, name, value);
  const { callId, cseq, from, to, via } = message;
  const fromTag = from.parameters['tag'];
  const toTag = to.parameters['tag'];
  Object.assign(incoming, {
    ...{ callId, viaBranch: via.branch, method: cseq.method, cseq: cseq.number },
    ...{ from: nameAddrHeader(from), to: nameAddrHeader(to) },
    ...(fromTag && { fromTag }),
    ...(toTag && { toTag }),
    via: { host: via.host, port: via.port },
  });
  preset(incoming, 'from', incoming.from);
  preset(incoming, 'to', incoming.to);
  presetContact(incoming);
  presetSubscription(incoming);
  presetBody(incoming, message.body);
  // Any truthy value will do: answering challenges is not left to sip.js.
  preset(incoming, 'www-authenticate', {});
  preset(incoming, 'proxy-authenticate', {});
  return incoming;
}

function add({ headers }: Incoming, name: string, raw: string): void {
  const key = keptAs(name);
  const known = headers[key];
  if (known) known.push({ raw });
  else headers[key] = [{ raw }];
}

function preset(incoming: Incoming, name: string, parsed: unknown): void {
  const first = incoming.headers[keptAs(name)]?.[0];
  if (first) first.parsed = parsed;
}

/** `Contact: *` is only for REGISTER, which we are not sent. */
function presetContact(incoming: Incoming): void {
  const contact = parseNameAddr(incoming.getHeader('contact') ?? '');
  if (contact) preset(incoming, 'contact', nameAddrHeader(contact));
  else Reflect.deleteProperty(incoming.headers, 'Contact');
}

/** Only what `unacceptable` has let through gets as far as sip.js's reading of these. */
function presetSubscription(incoming: Incoming): void {
  const event = incoming.getHeader('event');
  const state = parseSubscriptionState(incoming.getHeader('subscription-state') ?? '');
  if (event !== undefined) preset(incoming, 'event', { event: eventOf(event) });
  if (state) {
    preset(incoming, 'subscription-state', { state: state.state, expires: state.expiresS });
  }
}

/** A body of no stated type is no body: sip.js throws on it (RFC 3261 §20.15). */
function presetBody(incoming: Incoming, body: string): void {
  const type = incoming.getHeader('content-type');
  incoming.body = type === undefined ? '' : body;
  if (type !== undefined) preset(incoming, 'content-type', mediaTypeOf(type));
  const disposition = incoming.getHeader('content-disposition');
  if (disposition !== undefined) {
    preset(incoming, 'content-disposition', { type: mediaTypeOf(disposition) });
  }
}

const nameAddrHeader = ({ displayName, parameters, uri }: NameAddr): NameAddrHeader =>
  new NameAddrHeader(new WireUri(uri), displayName, wireParameters(parameters));

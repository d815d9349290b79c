import type { ImsSubscriber } from '../ims-types.ts';
import { addressOf, type NameAddr, parseNameAddr } from '../sip/header-values.ts';
import { allHeaders, firstHeader, type SipRequest, type SipResponse } from '../sip/message.ts';
import { type ResponseOptions, responseTo } from '../sip/respond.ts';
import { parseUri } from '../sip/sip-uri.ts';
import { randomToken } from '../sip/tokens.ts';
import type { Flow } from '../transport/flow.ts';
import type { Authenticator } from './authenticator.ts';
import type { Binding, Bindings } from './bindings.ts';
import { blockGruu, isBadBulkContact, isBulkContact } from './bulk.ts';
import { parseDigest } from './digest.ts';
import { associatedUris, holds, identityOf, type Subscribers } from './identities.ts';

export interface RegistrarDeps {
  readonly subscribers: Subscribers;
  readonly authenticator: Authenticator;
  readonly bindings: Bindings;
  readonly nowMs: () => number;
}

export interface RegistrarOptions {
  readonly domains: readonly string[];
  readonly minExpiresS: number;
  /** The P-CSCF's own URI, for Path. */
  readonly pathUri: () => string;
}

const MAX_EXPIRES_S = 600_000;
const DEFAULT_EXPIRES_S = 3_600;

interface WantedContact {
  readonly address: NameAddr;
  readonly key: string;
  readonly expiresS: number;
}

export function serviceRouteUri(binding: Binding): string {
  return `sip:orig-${binding.id}@scscf.${binding.subscriber.domain}:6060;lr`;
}

/** P-CSCF, I-CSCF and S-CSCF of a registration in one (3GPP TS 24.229 §5.4.1). */
export function createRegistrar(
  deps: RegistrarDeps,
  options: RegistrarOptions,
): (request: SipRequest, flow: Flow) => SipResponse {
  return (request, flow) => {
    const answer = (outcome: ResponseOptions): SipResponse =>
      responseTo(request, { ...outcome, toTag: randomToken() });
    const who = identify(deps, options, request);
    if ('status' in who) return answer(who);
    const digest = parseDigest(firstHeader(request, 'Authorization'));
    const verdict = deps.authenticator.check(who.subscriber, request.uri, digest);
    if (verdict.kind === 'challenge') {
      return answer({ status: 401, headers: { 'WWW-Authenticate': verdict.header } });
    }
    if (verdict.kind === 'forbidden') return answer({ status: 403, reason: verdict.reason });
    const contacts = wantedContacts(request);
    const fault = contactFault(contacts, options.minExpiresS);
    if (fault !== undefined) return answer(fault);
    return accepted(deps, options, { request, flow, ...who, contacts });
  };
}

interface Identified {
  readonly subscriber: ImsSubscriber;
  readonly impu: string;
}

function identify(
  { subscribers }: RegistrarDeps,
  { domains }: RegistrarOptions,
  request: SipRequest,
): Identified | ResponseOptions {
  const home = parseUri(request.uri);
  if (home === undefined || home.scheme === 'tel')
    return { status: 400, reason: 'Bad Request-URI' };
  // The Request-URI names the home domain and nobody in it (TS 24.229 §5.1.1.2.1).
  if (home.user !== undefined) return { status: 400, reason: 'Request-URI with a user part' };
  if (!domains.includes(home.host)) return { status: 403, reason: 'Not a home domain' };
  const impu = identityOf(addressOf(firstHeader(request, 'To')) ?? '');
  const digest = parseDigest(firstHeader(request, 'Authorization'));
  const impi = digest?.get('username');
  const subscriber =
    impi === undefined
      ? subscribers.ownerOf(impu, home.host)?.subscriber
      : subscribers.byImpi(impi);
  if (subscriber === undefined) return { status: 403, reason: 'Unknown subscriber' };
  if (subscriber.domain !== home.host) return { status: 403, reason: 'Foreign home domain' };
  if (!holds(subscriber, impu)) return { status: 403, reason: 'Identity of another subscriber' };
  return { subscriber, impu };
}

function wantedContacts(request: SipRequest): readonly WantedContact[] {
  const general = firstHeader(request, 'Expires');
  return allHeaders(request, 'Contact').flatMap((value) => {
    const address = parseNameAddr(value);
    if (address === undefined) return [];
    const expires = address.params.get('expires') ?? general ?? String(DEFAULT_EXPIRES_S);
    return [{ address, key: contactKey(address), expiresS: secondsOf(expires) }];
  });
}

function secondsOf(text: string): number {
  return /^\d{1,10}$/.test(text) ? Math.min(Number(text), MAX_EXPIRES_S) : DEFAULT_EXPIRES_S;
}

/** Instance and reg-id name a contact over changes of address (RFC 5626 §6). */
function contactKey({ uri, params }: NameAddr): string {
  const instance = params.get('+sip.instance');
  const registration = params.get('reg-id');
  if (instance === undefined || registration === undefined) return uri;
  return `${instance} ${registration}`;
}

function contactFault(
  contacts: readonly WantedContact[],
  minExpiresS: number,
): ResponseOptions | undefined {
  const isBad = contacts.some(({ address, expiresS }) =>
    address.uri === '*'
      ? expiresS !== 0
      : parseUri(address.uri) === undefined || isBadBulkContact(address.uri),
  );
  if (isBad) return { status: 400, reason: 'Bad Contact' };
  if (contacts.some(({ expiresS }) => expiresS > 0 && expiresS < minExpiresS)) {
    return { status: 423, headers: { 'Min-Expires': String(minExpiresS) } };
  }
  return undefined;
}

interface Acceptance extends Identified {
  readonly request: SipRequest;
  readonly flow: Flow;
  readonly contacts: readonly WantedContact[];
}

function accepted(
  deps: RegistrarDeps,
  options: RegistrarOptions,
  acceptance: Acceptance,
): SipResponse {
  const { subscriber, request } = acceptance;
  const kept = acceptance.contacts.flatMap((contact) => apply(deps, acceptance, contact));
  const ok = responseTo(request, {
    status: 200,
    toTag: randomToken(),
    headers: { Path: `<${options.pathUri()}>` },
  });
  const more = [
    ...deps.bindings.of(subscriber.impi).map((it) => ['Contact', contactOf(it, deps.nowMs())]),
    ...kept.slice(0, 1).map((it) => ['Service-Route', `<${serviceRouteUri(it)}>`]),
    [
      'P-Associated-URI',
      // The numbers of a block are agreed upon and told by nobody (RFC 6140 §4).
      (kept.some(({ contactUri }) => isBulkContact(contactUri))
        ? associatedUris(subscriber).slice(0, 1)
        : associatedUris(subscriber)
      )
        .map((uri) => `<${uri}>`)
        .join(', '),
    ],
  ].map(([name = '', value = '']) => ({ name, value }));
  return { ...ok, headers: [...ok.headers, ...more] };
}

function apply(
  { bindings }: RegistrarDeps,
  { subscriber, impu, flow }: Acceptance,
  { address, key, expiresS }: WantedContact,
): readonly Binding[] {
  if (expiresS === 0) {
    bindings.remove(subscriber.impi, address.uri === '*' ? {} : { key });
    return [];
  }
  const contactParams = [...address.params]
    .filter(([name]) => name !== 'expires')
    .map(([name, value]) => `;${name}${value === '' ? '' : `=${quoted(value)}`}`)
    .join('');
  const contactUri = address.uri;
  const lifeMs = expiresS * 1_000;
  return [bindings.put({ key, subscriber, impu, contactUri, contactParams, flow, lifeMs })];
}

function contactOf(binding: Binding, nowMs: number): string {
  const leftS = Math.max(0, Math.round((binding.expiresAtMs - nowMs) / 1_000));
  const { contactParams, contactUri, subscriber } = binding;
  const gruu = isBulkContact(contactUri) ? blockGruu(subscriber.domain, contactParams) : '';
  return `<${contactUri}>${contactParams}${gruu};expires=${String(leftS)}`;
}

function quoted(value: string): string {
  return /^[\w.!%*+`'~-]+$/.test(value) ? value : `"${value}"`;
}

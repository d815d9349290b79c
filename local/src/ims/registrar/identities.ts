import type { ImsSubscriber } from '../ims-types.ts';
import { parseUri, plainNumber, type SipUri } from '../sip/sip-uri.ts';

export interface Owner {
  readonly subscriber: ImsSubscriber;
  /** The concrete identity that was asked for. */
  readonly impu: string;
  readonly isBarred: boolean;
}

export interface Subscribers {
  byImpi(impi: string): ImsSubscriber | undefined;
  /** Whose identity this is; a distinct identity goes before a wildcarded one (TS 23.003 §13.4B). */
  ownerOf(uri: string, nearDomain?: string): Owner | undefined;
}

export function createSubscribers(subscribers: readonly ImsSubscriber[]): Subscribers {
  const byImpi = new Map(subscribers.map((it) => [it.impi, it]));
  return {
    byImpi: (impi) => byImpi.get(impi),
    ownerOf(uri, nearDomain) {
      const near = subscribers.filter(({ domain }) => domain === nearDomain);
      const ordered = [...near, ...subscribers.filter(({ domain }) => domain !== nearDomain)];
      return ownerAmong(ordered, uri, isDistinct) ?? ownerAmong(ordered, uri, isWildcardMatch);
    },
  };
}

type Match = (impu: string, uri: string) => boolean;

function ownerAmong(
  subscribers: readonly ImsSubscriber[],
  uri: string,
  isMatch: Match,
): Owner | undefined {
  for (const subscriber of subscribers) {
    const own = subscriber.impus.find((impu) => isMatch(impu, uri));
    if (own === undefined) continue;
    const isBarred = subscriber.barred?.includes(own) ?? false;
    return { subscriber, impu: isWildcard(own) ? identityOf(uri) : own, isBarred };
  }
  return undefined;
}

/** Whether an identity is in the implicit set of a subscriber and not barred. */
export function mayUse(subscriber: ImsSubscriber, uri: string): boolean {
  const owner =
    ownerAmong([subscriber], uri, isDistinct) ?? ownerAmong([subscriber], uri, isWildcardMatch);
  return owner !== undefined && !owner.isBarred;
}

export function holds(subscriber: ImsSubscriber, uri: string): boolean {
  return subscriber.impus.some((impu) => isDistinct(impu, uri) || isWildcardMatch(impu, uri));
}

/** What P-Associated-URI tells: the set without its barred members (TS 24.229 §5.4.1.2.2F). */
export function associatedUris(subscriber: ImsSubscriber): readonly string[] {
  return subscriber.impus.filter((impu) => !(subscriber.barred?.includes(impu) ?? false));
}

function isDistinct(impu: string, uri: string): boolean {
  if (isWildcard(impu)) return false;
  const own = aliasesOf(impu);
  return aliasesOf(uri).some((alias) => own.includes(alias));
}

function isWildcardMatch(impu: string, uri: string): boolean {
  return wildcardPattern(impu)?.test(identityOf(uri)) ?? false;
}

export function isWildcard(impu: string): boolean {
  return impu.indexOf('!') !== impu.lastIndexOf('!');
}

function wildcardPattern(impu: string): RegExp | undefined {
  const [, before, expression, after] = /^([^!]*)!(.*)!([^!]*)$/.exec(impu) ?? [];
  if (before === undefined || expression === undefined || after === undefined) return undefined;
  return new RegExp(`^${escaped(before)}(?:${expression})${escaped(after)}$`);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** A URI reduced to the identity in it: no port, no parameters, host in lower case. */
export function identityOf(text: string): string {
  const uri = parseUri(text);
  if (uri === undefined) return text;
  if (uri.scheme === 'tel') return `tel:${uri.number}`;
  return uri.user === undefined ? `sip:${uri.host}` : `sip:${uri.user}@${uri.host}`;
}

/** `tel:+49…` and `sip:+49…@d;user=phone` are one identity (RFC 3261 §19.1.6). */
function aliasesOf(text: string): readonly string[] {
  const uri = parseUri(text);
  if (uri === undefined || uri.scheme === 'tel') return [identityOf(text)];
  const number = telephoneNumber(uri);
  return number === undefined ? [identityOf(text)] : [identityOf(text), `tel:${number}`];
}

function telephoneNumber(uri: SipUri): string | undefined {
  const number = plainNumber(uri.user?.split(';')[0] ?? '');
  const isNumber = uri.params.get('user') === 'phone' || number?.startsWith('+') === true;
  return isNumber ? number : undefined;
}

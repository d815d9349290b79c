import type { Binding, Bindings } from '../registrar/bindings.ts';
import { identityOf, type Subscribers } from '../registrar/identities.ts';
import type { ResponseOptions } from '../sip/respond.ts';
import { parseUri } from '../sip/sip-uri.ts';

export type Destination =
  | { readonly kind: 'service'; readonly impu: string }
  | { readonly kind: 'contacts'; readonly impu: string; readonly bindings: readonly Binding[] }
  | { readonly kind: 'none'; readonly refusal: ResponseOptions };

export interface DestinationDeps {
  readonly subscribers: Subscribers;
  readonly bindings: Bindings;
  readonly domains: readonly string[];
  readonly isService: (name: string) => boolean;
}

/** Whom a Request-URI means: a service, a subscriber's contacts, or nobody. */
export function destinationOf(
  target: string,
  nearDomain: string,
  deps: DestinationDeps,
): Destination {
  const uri = parseUri(target);
  if (uri === undefined) return none(400, 'Bad Request-URI');
  if (uri.scheme !== 'tel') {
    if (!deps.domains.includes(uri.host)) return none(404, 'Not a domain of this network');
    if (deps.isService(uri.user ?? '')) return { kind: 'service', impu: identityOf(target) };
  }
  const owner = deps.subscribers.ownerOf(target, uri.scheme === 'tel' ? nearDomain : uri.host);
  if (owner === undefined) return none(404);
  if (owner.isBarred) return none(404, 'Barred identity');
  const bindings = deps.bindings.of(owner.subscriber.impi).filter(({ flow }) => flow.isOpen());
  if (bindings.length === 0) return none(480);
  return { kind: 'contacts', impu: owner.impu, bindings };
}

function none(status: number, reason?: string): Destination {
  return { kind: 'none', refusal: { status, ...(reason === undefined ? {} : { reason }) } };
}

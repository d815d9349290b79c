import type { ReleaseCause } from '@isthmus/shared/domain/release-cause';
import type { TenantItem } from '@isthmus/shared/store/items';
import type { ForwardingTargets } from '@isthmus/shared/wire/forwarding';
import { redirectTarget } from './outgoing-policy.ts';

/** Of a tenant: what a target is judged by. */
export type ForwardingRules = Pick<TenantItem, 'calling' | 'ims'>;

/** RFC 3261 §21.3.3: for this call only. */
export const MOVED_TEMPORARILY = 302;

interface Case {
  readonly setting: keyof ForwardingTargets;
  /** RFC 4458 §2.1: why the call is diverted. */
  readonly cause: number;
}

const CASES: Readonly<Partial<Record<ReleaseCause, Case>>> = {
  unavailable: { setting: 'whenOffline', cause: 404 },
  busy: { setting: 'whenBusy', cause: 486 },
  'no-answer': { setting: 'whenUnanswered', cause: 408 },
};

/** Whether a call that ends so could go elsewhere at all; who declines wants no other end of it. */
export const isForwardable = (cause: ReleaseCause): boolean => CASES[cause] !== undefined;

/** Why a call is not taken → Contact of its 302; undefined: it is refused. */
export function forwardedTo(
  cause: ReleaseCause,
  targets: ForwardingTargets,
  { called, rules }: { readonly called: string; readonly rules: ForwardingRules },
): string | undefined {
  const found = CASES[cause];
  const wanted = found && targets[found.setting];
  // Rules may have changed since it was set.
  const uri = wanted === undefined ? undefined : redirectTarget(wanted, rules);
  if (!found || uri === undefined) return undefined;
  const { homeDomain } = rules.ims;
  const target = asSip(uri, homeDomain);
  if (addressOf(target) === addressOf(asSip(called, homeDomain))) return undefined;
  return `${target.replace(CAUSE, '')};cause=${String(found.cause)}`;
}

const CAUSE = /;cause=[^;]*/i;

/** `cause` is a parameter of SIP URIs only; a tel URI becomes one by RFC 3261 §19.1.6. */
function asSip(uri: string, homeDomain: string): string {
  if (!/^tel:/i.test(uri)) return uri;
  const subscriber = uri.slice('tel:'.length).replaceAll('#', '%23');
  return `sip:${subscriber}@${homeDomain};user=phone`;
}

const addressOf = (uri: string): string =>
  uri
    .replace(/^sips?:/i, '')
    .replace(/(@[^;?]*).*$/, '$1')
    .toLowerCase();

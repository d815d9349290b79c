import type { ReleaseCause } from '@isthmus/shared/domain/release-cause';
import type { TenantItem } from '@isthmus/shared/store/items';
import type { ForwardingTargets } from '@isthmus/shared/wire/forwarding';
import type { Redirection } from '../../ports/sip-leg.ts';
import { redirectTarget } from './outgoing-policy.ts';

/** Of a tenant: what a target is judged by. */
export type ForwardingRules = Pick<TenantItem, 'calling' | 'ims'>;

/** RFC 3261 §21.3.3: for this call only. */
export const MOVED_TEMPORARILY = 302;

interface Case {
  readonly setting: keyof ForwardingTargets;
  /** RFC 4458 §2.1: why the call is diverted. */
  readonly cause: number;
  /** The same in the words of RFC 5806. */
  readonly reason: string;
}

const CASES: Readonly<Partial<Record<ReleaseCause, Case>>> = {
  unavailable: { setting: 'whenOffline', cause: 404, reason: 'unavailable' },
  busy: { setting: 'whenBusy', cause: 486, reason: 'user-busy' },
  'no-answer': { setting: 'whenUnanswered', cause: 408, reason: 'no-answer' },
};

/** Whether a call that ends so could go elsewhere at all; who declines wants no other end of it. */
export const isForwardable = (cause: ReleaseCause): boolean => CASES[cause] !== undefined;

/** Why a call is not taken → where its 302 sends it; undefined: it is refused. */
export function forwardedTo(
  cause: ReleaseCause,
  targets: ForwardingTargets,
  { called, rules }: { readonly called: string; readonly rules: ForwardingRules },
): Redirection | undefined {
  const found = CASES[cause];
  const wanted = found && targets[found.setting];
  // Rules may have changed since it was set.
  const uri = wanted === undefined ? undefined : redirectTarget(wanted, rules);
  if (!found || uri === undefined) return undefined;
  const { homeDomain } = rules.ims;
  const to = asSip(uri, homeDomain);
  const from = asSip(called, homeDomain);
  if (addressOf(to) === addressOf(from)) return undefined;
  const box = HAS_TARGET.test(to) ? '' : `;target=${escaped(from)}`;
  return {
    contact: `${to.replace(CAUSE, '')}${box};cause=${String(found.cause)}`,
    diversion: `<${from}>;reason=${found.reason};counter=1`,
  };
}

const CAUSE = /;cause=[^;]*/i;
/** A user who names another mailbox means it. */
const HAS_TARGET = /;target=/i;

/** RFC 4458 §2.1: whose mailbox it is; what no URI parameter may hold is escaped (RFC 3261 §25.1). */
const escaped = (uri: string): string =>
  uri.replace(
    /[^A-Za-z0-9\-_.!~*'()[\]/:&+$]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );

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

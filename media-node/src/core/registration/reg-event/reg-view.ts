import { parseUri } from '../../sip/uri.ts';
import type { TerminationCause } from '../registration-types.ts';
import type { ContactInfo, RegInfo, RegistrationInfo } from './reg-info.ts';

/** What makes a contact of a document ours. */
export interface OwnContact {
  /** The identity we registered. */
  readonly impu: string;
  readonly uri: string;
  readonly instanceId: string;
}

/** What the documents of one subscription have told so far. */
export interface RegView {
  readonly version?: number;
  /** Identities under which our contact stands, and its id there. */
  readonly bound: readonly Bound[];
  /** Identities that ended while others went on. */
  readonly ended: readonly string[];
}

interface Bound {
  readonly aor: string;
  readonly contactId: string;
}

/** What a document says of our own registration. */
export type Verdict =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'active' }
  | { readonly kind: 'shortened'; readonly expiresS: number }
  | { readonly kind: 'gone'; readonly cause: TerminationCause; readonly retryAfterS?: number };

export interface Reading {
  readonly view: RegView;
  readonly verdict: Verdict;
  /** Something was missed in between: full state is to be asked for (RFC 3680 §5.1). */
  readonly isGap: boolean;
}

export const emptyView: RegView = { bound: [], ended: [] };

/**
 * RFC 3680 §5.1: what is not newer is discarded. What comes after a gap still counts for our own
 * contact, of which it tells the state and not a difference.
 */
export function readOn(view: RegView, info: RegInfo, own: OwnContact): Reading {
  const { version } = view;
  if (version !== undefined && info.version <= version) {
    return { view, verdict: { kind: 'nothing' }, isGap: false };
  }
  const isGap = !info.isFull && info.version !== (version ?? info.version) + 1;
  const judged = info.registrations.map((it) =>
    judge(it, { before: view.bound, own, isFull: info.isFull }),
  );
  const told = new Set(info.registrations.map(({ aor }) => aor));
  const kept = info.isFull ? [] : view.bound.filter(({ aor }) => !told.has(aor));
  const bound = [...kept, ...judged.flatMap((it) => it.bound)];
  return {
    view: { version: info.version, bound, ended: endedIn(info, view, bound) },
    verdict: verdictOf(judged, { before: view.bound, bound, own }),
    isGap,
  };
}

/** Where nothing goes on, it is the registration that has ended. */
function endedIn(
  { registrations }: RegInfo,
  before: RegView,
  bound: readonly Bound[],
): readonly string[] {
  if (bound.length === 0) return [];
  const said = registrations.filter(({ state }) => state === 'terminated').map(({ aor }) => aor);
  const over = new Set([...before.ended, ...said, ...before.bound.map(({ aor }) => aor)]);
  for (const { aor } of bound) over.delete(aor);
  return [...over];
}

interface Judged {
  readonly aor: string;
  readonly bound: readonly Bound[];
  readonly active: readonly ContactInfo[];
  readonly ended: readonly Ended[];
}

interface Ended {
  readonly cause: TerminationCause;
  readonly retryAfterS?: number;
}

/**
 * Where nothing is said of contacts. A network that ends a registration without a reason is not
 * asking for another: Kamailio does so for an HSS that withdraws its subscriber.
 */
const SILENT_CAUSE = { init: 'expired', terminated: 'unregistered', active: 'expired' } as const;

interface Known {
  readonly before: readonly Bound[];
  readonly own: OwnContact;
  readonly isFull: boolean;
}

function judge(registration: RegistrationInfo, { before, isFull, own }: Known): Judged {
  const { aor, contacts, state } = registration;
  const stood = before.filter((it) => it.aor === aor);
  const ours = oursAmong(contacts, stood, own);
  const isUp = state === 'active';
  const active = isUp ? ours.filter(({ isActive }) => isActive) : [];
  // A partial document may leave out the contacts that stayed as they were.
  const unmentioned = stood.filter(({ contactId }) => contacts.every(({ id }) => id !== contactId));
  const still = isUp && !isFull ? unmentioned : [];
  const terminated = ours.filter(({ isActive }) => !isActive).map(endedOf);
  const isSilent = !isUp && terminated.length === 0 && (stood.length > 0 || aor === own.impu);
  return {
    ...{ aor, active },
    bound: [...still, ...active.map(({ id }) => ({ aor, contactId: id }))],
    ended: isSilent ? [{ cause: SILENT_CAUSE[state] }] : terminated,
  };
}

/**
 * Our Contact's user part is random and nobody else's. Where a network writes its own contacts,
 * the instance tells which is ours; but the end of one with our instance may be that of a
 * predecessor of ours, unless we have seen it alive.
 */
function oursAmong(
  contacts: readonly ContactInfo[],
  before: readonly Bound[],
  own: OwnContact,
): readonly ContactInfo[] {
  const byUri = contacts.filter(({ uri }) => isSame(uri, own.uri));
  if (byUri.length > 0) return byUri;
  return contacts.filter(
    ({ id, instanceId, isActive }) =>
      before.some(({ contactId }) => contactId === id) ||
      (isActive && instanceId?.toLowerCase() === own.instanceId.toLowerCase()),
  );
}

function isSame(one: string, other: string): boolean {
  const user = parseUri(one)?.user;
  return user !== undefined && user === parseUri(other)?.user;
}

const CAUSES: ReadonlySet<string> = new Set([
  'deactivated',
  'probation',
  'rejected',
  'unregistered',
  'expired',
] satisfies readonly TerminationCause[]);

const isCause = (event: string): event is TerminationCause => CAUSES.has(event);

const endedOf = ({ event, retryAfterS }: ContactInfo): Ended => ({
  cause: isCause(event) ? event : 'expired',
  ...(retryAfterS !== undefined && { retryAfterS }),
});

/** We are gone only when no identity of the set is left under which we stand. */
function verdictOf(
  judged: readonly Judged[],
  {
    before,
    bound,
    own,
  }: {
    readonly before: readonly Bound[];
    readonly bound: readonly Bound[];
    readonly own: OwnContact;
  },
): Verdict {
  if (bound.length > 0) return activeVerdict(judged.flatMap(({ active }) => active));
  const ended =
    judged.find(({ aor, ended: it }) => aor === own.impu && it.length > 0)?.ended[0] ??
    judged.flatMap(({ ended: it }) => it)[0];
  if (ended) return { kind: 'gone', ...ended };
  return before.length > 0 ? { kind: 'gone', cause: 'expired' } : { kind: 'nothing' };
}

/** RFC 3680 §5.3: other events carry an expiry too, and change nothing. */
function activeVerdict(active: readonly ContactInfo[]): Verdict {
  const left = active.flatMap((it) =>
    it.event === 'shortened' && it.expiresS !== undefined ? [it.expiresS] : [],
  );
  if (left.length > 0) return { kind: 'shortened', expiresS: Math.min(...left) };
  return { kind: active.length > 0 ? 'active' : 'nothing' };
}

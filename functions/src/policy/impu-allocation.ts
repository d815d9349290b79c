import { type Impu, impu } from '@isthmus/shared/domain/ids';
import { wildcardOf } from '@isthmus/shared/domain/wildcard-impu';
import { rotated, spread } from './spread.ts';
import { expansionsOf } from './wildcard-expansion.ts';

export interface ImplicitSet {
  /** P-Associated-URI of the trunk's registration, wildcards included (RFC 7315 §4.1). */
  readonly entries: readonly string[];
  /** The identity under which the trunk itself registered. */
  readonly own: string;
}

/**
 * The identities of a trunk in the order in which a user should be offered them: named ones, then
 * what wildcards cover, and the trunk's own last, for it is where calls to the PBX itself arrive.
 */
export function* identitiesFor(set: ImplicitSet, userName: string): Generator<Impu> {
  const named = namedIn(set.entries);
  yield* rotated(
    named.filter((identity) => identity !== set.own),
    spread(userName),
  );
  for (const entry of set.entries) {
    const wildcard = wildcardOf(entry);
    if (!wildcard) continue;
    for (const identity of expansionsOf(wildcard, userName)) {
      if (identity !== set.own) yield identity;
    }
  }
  if (named.some((identity) => identity === set.own)) yield impu(set.own);
}

/** tel URIs are aliases of SIP ones (3GPP TS 23.003 §13.4): two users must not share a line. */
const namedIn = (entries: readonly string[]): readonly Impu[] =>
  entries.filter((entry) => entry.startsWith('sip:') && !entry.includes('!')).map(impu);

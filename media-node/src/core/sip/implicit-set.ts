import type { Impu } from '@isthmus/shared/domain/ids';

/**
 * Whether the registrar reported an identity, which is barred otherwise (3GPP TS 24.229 §5.1.1.2.1).
 * Of a wildcarded entry only what stands outside the exclamation marks is compared: the expression
 * within is the network's, and the network judges by it once more.
 */
export const isAssociated = (implicitSet: readonly Impu[], identity: Impu): boolean =>
  implicitSet.some((entry) => entry === identity || isCovered(entry, identity));

function isCovered(entry: string, identity: string): boolean {
  const first = entry.indexOf('!');
  const last = entry.lastIndexOf('!');
  if (first === last) return false;
  const [before, after] = [entry.slice(0, first), entry.slice(last + 1)];
  return (
    identity.length >= before.length + after.length &&
    identity.startsWith(before) &&
    identity.endsWith(after)
  );
}

/**
 * Files that take a minute or more, the longest first. Without measurements of its own, as in a
 * fresh clone, jest begins with what is longest to read, and waits at the end for what is
 * longest to run.
 */
const SLOW = [
  'e2e/first-call',
  'e2e/real-core',
  'e2e/several-devices',
  'e2e/media-behaviour',
  'contract/media-plane-portable',
  'contract/media-plane-native',
  'stack/trunk-identities',
  'cluster/dead-node',
  'stack/lost-socket',
  'node-main/main',
  'client/softphone',
  'ims-lab/trunks-on-kamailio',
  'stack/session-life',
  'media/chromium-path',
  'media/chromium-call',
  'cluster/devices',
  'stack/network-deregistration',
  'contract/registration-at-once',
];

const placeOf = ({ path }) => {
  const at = SLOW.findIndex((name) => path.endsWith(`${name}.test.ts`));
  return at < 0 ? SLOW.length : at;
};

/** In the order of jest's `TestSequencer`; what is not named here follows by name. */
export default class SlowFirst {
  sort(tests) {
    return tests.toSorted((a, b) => placeOf(a) - placeOf(b) || (a.path < b.path ? -1 : 1));
  }

  shard(tests) {
    return tests;
  }

  allFailedTests(tests) {
    return tests;
  }

  cacheResults() {}
}

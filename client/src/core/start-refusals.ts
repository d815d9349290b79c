import type { ReleaseCause } from '@isthmus/shared/domain/release-cause';

const CAUSES: Readonly<Record<string, ReleaseCause>> = {
  'call.bad-target': 'not-found',
  'call.emergency-refused': 'forbidden',
  'call.destination-barred': 'forbidden',
  'call.header-refused': 'forbidden',
  'call.too-many': 'forbidden',
  'call.quota-used-up': 'forbidden',
  'sdp.no-common-codec': 'not-acceptable',
  'sdp.no-common-security': 'not-acceptable',
  'sdp.malformed': 'not-acceptable',
  'node.at-capacity': 'unavailable',
  'registration.absent': 'unavailable',
  'registration.pending': 'unavailable',
};

/** What a call ended of that the node would not start. */
export const causeOfRefusal = (code: string): ReleaseCause => CAUSES[code] ?? 'network-failure';

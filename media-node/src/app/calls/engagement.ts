import type { TenantItem } from '@isthmus/shared/store/items';
import type { Session } from '../sessions/session.ts';
import type { Call } from './call.ts';

/** As many as a person can keep apart. */
const CALLS_PER_DEVICE = 4;

export const callLimitOf = ({ calling }: TenantItem): number =>
  calling?.callsPerDevice ?? CALLS_PER_DEVICE;

export interface LiveCall {
  readonly call: Call;
  /** Devices that may send commands, by session id. */
  readonly parties: ReadonlyMap<string, Session>;
  /** Whom it was with at first. */
  readonly peer: string;
}

/** How many calls ring or talk on this device now. */
export const callsOn = ({ sessionId }: Session, live: Iterable<LiveCall>): number =>
  [...live].filter(({ call }) => call.involves(sessionId)).length;

/** Whether a call more may ring there: it waits, where the tenant has call waiting. */
export function mayRing(device: Session, live: Iterable<LiveCall>): boolean {
  const calls = callsOn(device, live);
  const { callWaiting = true } = device.tenant.calling ?? {};
  return calls === 0 || (callWaiting && calls < callLimitOf(device.tenant));
}

import type { Gate } from '../../ports/media-plane.ts';
import type { ImsLeg } from './ims-leg.ts';

/** The gate wanted, as far as IMS takes media; on hold RTCP goes on both ways (RFC 3264 §8.4). */
export function heldGate(wanted: Gate, ims: Pick<ImsLeg, 'receives' | 'isReachable'>): Gate {
  const { toIms, toBrowser, rtcp = toIms } = wanted;
  const gate = { toIms: toIms && ims.receives, toBrowser };
  const isOnHold = rtcp && !(ims.receives && toBrowser);
  return isOnHold ? { ...gate, rtcp: ims.isReachable } : gate;
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { FarPhone } from '../clients/far-phone.ts';
import type { LightPhone } from '../clients/light-phone.ts';
import { rounded } from '../numbers.ts';
import type { Product } from '../product.ts';
import type { Row } from '../report.ts';

/** Timers of a call that has ended run out here, and count. */
const SETTLE_MS = 1_000;

/** CPU of a whole call without a conversation: request, ringing, ICE, DTLS, answer, release. */
export async function setUpCostRows(
  { mediaNode, signalling }: Product,
  { near, far }: { readonly near: LightPhone; readonly far: FarPhone },
  calls: number,
): Promise<readonly Row[]> {
  const before = [await mediaNode.ask('cpu'), await signalling.ask('cpu')] as const;
  for (let call = 0; call < calls; call += 1) {
    const ringing = far.ring();
    await near.dial(far.impu);
    await ringing;
    await far.answer();
    await Promise.all([near.heard(), far.heard()]);
    await Promise.all([near.hangUp(), far.ended()]);
  }
  await sleep(SETTLE_MS);
  const after = [await mediaNode.ask('cpu'), await signalling.ask('cpu')] as const;
  const perCall = (index: 0 | 1): number =>
    rounded((after[index].cpuMs - before[index].cpuMs) / calls);
  return [
    { case: 'CPU per call', subject: 'media node', calls, cpuMsPerCall: perCall(0) },
    {
      case: 'CPU per call',
      subject: 'gateway, functions and DynamoDB in one process',
      calls,
      cpuMsPerCall: perCall(1),
    },
  ];
}

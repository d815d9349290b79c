import { setTimeout as sleep } from 'node:timers/promises';
import type { FarPhone } from '../clients/far-phone.ts';
import type { LightPhone } from '../clients/light-phone.ts';
import { rounded } from '../numbers.ts';
import type { Product } from '../product.ts';
import type { Row } from '../report.ts';

export interface Pair {
  readonly near: LightPhone;
  readonly far: FarPhone;
}

/** What is on its way when packets are counted has arrived by then. */
const IN_FLIGHT_MS = 100;
const SETTLE_MS = 1_000;
const KIB = 1_024;

/** CPU of steady audio and memory of the calls that carry it. */
export async function liveCallRows(
  { mediaNode }: Product,
  pairs: readonly Pair[],
  audioS: number,
): Promise<readonly Row[]> {
  const empty = await mediaNode.ask('memory');
  for (const pair of pairs) await establish(pair);
  await sleep(SETTLE_MS);
  const steady = await steadyAudio(mediaNode, pairs, audioS);
  const full = await mediaNode.ask('memory');
  await Promise.all(pairs.flatMap(({ near, far }) => [near.hangUp(), far.ended()]));
  const perCall = (bytes: number): number => rounded(bytes / pairs.length / KIB);
  return [
    steady,
    {
      case: 'memory of a live call',
      subject: 'media node',
      calls: pairs.length,
      heapKiBPerCall: perCall(full.heapBytes - empty.heapBytes),
      residentKiBPerCall: perCall(full.residentBytes - empty.residentBytes),
    },
  ];
}

async function establish({ near, far }: Pair): Promise<void> {
  const ringing = far.ring();
  await near.dial(far.impu);
  await ringing;
  await far.answer();
  await Promise.all([near.heard(), far.heard()]);
}

async function steadyAudio(
  mediaNode: Product['mediaNode'],
  pairs: readonly Pair[],
  audioS: number,
): Promise<Row> {
  const before = packetsOf(pairs);
  const cpuBefore = await mediaNode.ask('cpu');
  await sleep(audioS * 1_000);
  const cpuAfter = await mediaNode.ask('cpu');
  const sent = packetsOf(pairs).sent - before.sent;
  await sleep(IN_FLIGHT_MS);
  const late = packetsOf(pairs);
  const arrived = (late.received - before.received) / (late.sent - before.sent);
  return {
    case: 'steady audio',
    subject: 'media node, PCMA both ways',
    calls: pairs.length,
    packetsPerS: Math.round(sent / audioS),
    cpuUsPerPacket: rounded(((cpuAfter.cpuMs - cpuBefore.cpuMs) * 1_000) / sent),
    // Those on their way when counting began may make it a little more than all.
    arrivedShare: Math.min(1, Math.round(arrived * 1_000) / 1_000),
  };
}

function packetsOf(pairs: readonly Pair[]): { readonly sent: number; readonly received: number } {
  const packets = pairs.flatMap(({ near, far }) => [near.packets, far.packets]);
  return {
    sent: packets.reduce((sum, it) => sum + it.sent, 0),
    received: packets.reduce((sum, it) => sum + it.received, 0),
  };
}

import { readFile } from 'node:fs/promises';
import { requireTools } from '../../../support/ims-lab/required-tools.ts';

const OWN_STATUS = '/proc/self/status';
const CAP_NET_RAW = 1n << 13n;

/** sipp plays captures through a raw socket, and would end the call without a right to it. */
export async function requireSipp(): Promise<void> {
  requireTools(['sipp', 'setpriv']);
  if (!mayOpenRawSockets(await readFile(OWN_STATUS, 'utf8'))) {
    throw new Error('sipp cannot press keys here: the soak needs root, or CAP_NET_RAW');
  }
}

/** By the effective capabilities of a process, as its `status` has them. */
export function mayOpenRawSockets(status: string): boolean {
  const bits = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0';
  return (BigInt(`0x${bits}`) & CAP_NET_RAW) !== 0n;
}

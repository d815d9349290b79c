import { setTimeout as sleep } from 'node:timers/promises';
import { rounded } from '../numbers.ts';
import type { Product } from '../product.ts';
import type { Row } from '../report.ts';

/** CPU of users who are registered and do nothing. */
export async function idleRows(
  { mediaNode, signalling }: Product,
  users: number,
  idleS: number,
): Promise<readonly Row[]> {
  const before = [await mediaNode.ask('cpu'), await signalling.ask('cpu')] as const;
  await sleep(idleS * 1_000);
  const after = [await mediaNode.ask('cpu'), await signalling.ask('cpu')] as const;
  const subjects = ['media node', 'gateway, functions and DynamoDB in one process'];
  return [0, 1].map((index) => ({
    case: 'idle',
    subject: subjects[index] ?? '',
    users,
    cpuMsPerS: rounded(((after[index]?.cpuMs ?? 0) - (before[index]?.cpuMs ?? 0)) / idleS),
  }));
}

import { randomBytes, randomFillSync, randomUUID } from 'node:crypto';
import type { Ids } from '../../ports/ids.ts';

/** Asking the kernel for sixteen bytes costs as much as asking for thousands. */
const POOL_BYTES = 4_096;

const pool = Buffer.alloc(POOL_BYTES);
let usedBytes = POOL_BYTES;

/** Bytes that nobody has had before, as text; they are wiped where they came from. */
function fresh(bytes: number): string {
  if (bytes > POOL_BYTES) return randomBytes(bytes).toString('base64url');
  if (usedBytes + bytes > POOL_BYTES) {
    randomFillSync(pool);
    usedBytes = 0;
  }
  const [start, end] = [usedBytes, usedBytes + bytes];
  usedBytes = end;
  const text = pool.toString('base64url', start, end);
  pool.fill(0, start, end);
  return text;
}

export const cryptoIds: Ids = {
  random: (bits) => fresh(Math.ceil(bits / 8)),
  uuid: () => randomUUID(),
};

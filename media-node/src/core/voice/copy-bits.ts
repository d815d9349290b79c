export interface BitCopy {
  readonly from: Uint8Array;
  readonly fromBit: number;
  /** Zero where it is written to. */
  readonly to: Uint8Array;
  readonly toBit: number;
  readonly bits: number;
}

/** Bits of one run of octets to any place in another, most significant first. */
export function copyBits({ from, fromBit, to, toBit, bits }: BitCopy): void {
  for (let done = 0; done < bits; ) {
    const room = 8 - ((toBit + done) % 8);
    const count = Math.min(room, bits - done);
    const octet = (toBit + done) >> 3;
    const taken = bitsAt(from, fromBit + done, count);
    to[octet] = (to[octet] ?? 0) | (taken << (room - count));
    done += count;
  }
}

/** Up to eight bits; those past the end are zero. */
function bitsAt(from: Uint8Array, bit: number, count: number): number {
  const octet = bit >> 3;
  const window = ((from[octet] ?? 0) << 8) | (from[octet + 1] ?? 0);
  return (window >> (16 - (bit % 8) - count)) & ((1 << count) - 1);
}

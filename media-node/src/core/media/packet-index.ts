const SEQUENCE_SPACE = 0x1_0000;

/**
 * The 48-bit index of one stream from its 16-bit sequence numbers (RFC 3711 §3.3.1, Appendix A).
 * Only authenticated packets may move it on.
 */
export class PacketIndex {
  #highest = -1;

  estimate(sequence: number): number {
    if (this.#highest < 0) return sequence;
    const roc = Math.floor(this.#highest / SEQUENCE_SPACE);
    const last = this.#highest % SEQUENCE_SPACE;
    return rolloverOf(roc, last, sequence) * SEQUENCE_SPACE + sequence;
  }

  accept(index: number): void {
    this.#highest = Math.max(this.#highest, index);
  }
}

function rolloverOf(roc: number, last: number, sequence: number): number {
  const half = SEQUENCE_SPACE / 2;
  // A negative index (a packet from before the first one seen) is nothing the window takes.
  if (last < half) return sequence - last > half ? roc - 1 : roc;
  return last - half > sequence ? roc + 1 : roc;
}

export const rolloverCounter = (index: number): number => Math.floor(index / SEQUENCE_SPACE);

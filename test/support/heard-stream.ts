interface Header {
  readonly ssrc: number;
  readonly sequenceNumber: number;
  readonly timestamp: number;
}

/** One stream as its receiver sees it: whether it ever broke off or began anew. */
export class HeardStream {
  readonly #sources = new Set<number>();
  #last: Header | undefined;
  #breaks: string[] = [];
  #ticks = 0;

  take({ ssrc, sequenceNumber, timestamp }: Header): void {
    const last = this.#last;
    this.#sources.add(ssrc);
    this.#last = { ssrc, sequenceNumber, timestamp };
    if (!last) return;
    const steps = (sequenceNumber - last.sequenceNumber) & 0xffff;
    const ticks = (timestamp - last.timestamp) | 0;
    this.#ticks += ticks;
    if (steps === 1 && ticks > 0) return;
    this.#breaks.push(`${String(steps)} numbers and ${String(ticks)} ticks further`);
  }

  get sources(): readonly number[] {
    return [...this.#sources];
  }

  /** Wherever it did not go on with the next number, and later. */
  get breaks(): readonly string[] {
    return this.#breaks;
  }

  /** Of its own time, from the first packet to the last. */
  get ticks(): number {
    return this.#ticks;
  }
}

/** About a second of video; what is older is of no use any more. */
const KEPT = 512;

/** What was sent last, as it stood on the wire, for who has not got it (RFC 4585 §6.2.1). */
export class SentPackets {
  readonly #bySequence = new Map<number, Uint8Array>();

  keep(sequence: number, packet: Uint8Array): void {
    this.#bySequence.delete(sequence);
    this.#bySequence.set(sequence, packet);
    if (this.#bySequence.size <= KEPT) return;
    const oldest = this.#bySequence.keys().next();
    if (!oldest.done) this.#bySequence.delete(oldest.value);
  }

  find(sequence: number): Uint8Array | undefined {
    return this.#bySequence.get(sequence);
  }
}

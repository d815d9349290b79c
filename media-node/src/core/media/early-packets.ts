import type { Source } from './source-lock.ts';

/** A third of a second of speech; anybody may send here, so there is an end to it. */
const MAX_HELD = 16;
const MAX_AGE_MS = 500;

/**
 * Packets that overtook the answer which names their sender: the callee talks with its 200, and RTP
 * takes the shorter way. They are judged once the answer is there.
 */
export class EarlyPackets {
  #held: { readonly packet: Uint8Array; readonly from: Source; readonly atMs: number }[] = [];

  hold(packet: Uint8Array, from: Source, nowMs: number): void {
    this.#held = [...this.#held.slice(1 - MAX_HELD), { packet, from, atMs: nowMs }];
  }

  /** Those still worth hearing, oldest first. */
  release(nowMs: number): readonly { readonly packet: Uint8Array; readonly from: Source }[] {
    return this.#held.splice(0).filter(({ atMs }) => nowMs - atMs <= MAX_AGE_MS);
  }
}

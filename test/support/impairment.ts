/** What a bad network does to packets, from a seed: the same one does the same again. */
export interface Impairment {
  /** Of packets outside bursts, 0 to 1. */
  readonly lossShare?: number;
  /** A burst begins at a packet with this share, and takes so many in a row. */
  readonly bursts?: { readonly share: number; readonly packets: number };
  readonly delayMs?: number;
  /** Added or taken away, evenly; packets may overtake each other by it. */
  readonly jitterMs?: number;
  /** Of packets that are held back long enough to come behind later ones. */
  readonly reorderShare?: number;
}

/** How far behind its time a packet comes that is to be overtaken: two of 20 ms audio. */
const OVERTAKEN_MS = 45;

/** For one packet after the other: after how many milliseconds it comes, or that it never does. */
export function createFate(impairment: Impairment, random: () => number): () => number | 'lost' {
  const { lossShare = 0, bursts, delayMs = 0, jitterMs = 0, reorderShare = 0 } = impairment;
  let burst = 0;
  return () => {
    if (burst === 0 && bursts && random() < bursts.share) burst = bursts.packets;
    if (burst > 0) {
      burst -= 1;
      return 'lost';
    }
    if (random() < lossShare) return 'lost';
    const jitter = (2 * random() - 1) * jitterMs;
    const overtaken = random() < reorderShare ? OVERTAKEN_MS : 0;
    return Math.max(0, delayMs + jitter + overtaken);
  };
}

/** A generator of the same numbers for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

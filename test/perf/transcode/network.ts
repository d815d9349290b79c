export interface Network {
  readonly lossPercent: number;
  /** Lost packets come in runs of three on average. */
  readonly inBursts: boolean;
  /** Mean of what a packet is late, exponentially distributed. */
  readonly jitterMs: number;
}

/** The same chances in every run. */
function chances(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return state / 0x7fff_ffff;
  };
}

const BURST_PACKETS = 3;

function lossesOf({ lossPercent, inBursts }: Network, next: () => number): () => boolean {
  const share = lossPercent / 100;
  if (!inBursts) return () => next() < share;
  let isLosing = false;
  const begin = share / (1 - share) / BURST_PACKETS;
  return () => {
    isLosing = isLosing ? next() > 1 / BURST_PACKETS : next() < begin;
    return isLosing;
  };
}

/** A packet, and when it comes. */
export interface Arrival {
  readonly packet: Uint8Array;
  readonly atMs: number;
}

/** In the order they come; the same in every run. */
export function arrivalsOf(packets: readonly Uint8Array[], network: Network): Arrival[] {
  const next = chances(SEED);
  const isLost = lossesOf(network, next);
  const sent = packets.flatMap((packet, index) => {
    const lateMs = network.jitterMs === 0 ? 0 : -Math.log(next() + 1e-9) * network.jitterMs;
    return isLost() ? [] : [{ packet, atMs: index * 20 + 20 + lateMs }];
  });
  return sent.sort((a, b) => a.atMs - b.atMs);
}

const SEED = 7;

/** Taken off the front. */
export function dueOf<T extends { readonly atMs: number }>(sent: T[], nowMs: number): readonly T[] {
  const later = sent.findIndex((it) => it.atMs > nowMs);
  return sent.splice(0, later === -1 ? sent.length : later);
}

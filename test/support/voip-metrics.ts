interface Measured {
  /** Whose stream. */
  readonly of: number;
  readonly by: number;
  /** Octets of the metrics, by where they are. */
  readonly changed?: Readonly<Record<number, number>>;
  /** Than a block of VoIP metrics has. */
  readonly wordsMore?: number;
}

/**
 * Loss 1/8, discarded 1/16, bursts of 300 ms that miss a half, gaps of 5 s that miss 1/256, round trip
 * 80 ms, own delay 110 ms, level -20 dBm, noise -60, echo 50 dB, Gmin 16, R 82, no outer R, MOS 4.1 and
 * 3.9, adaptive buffer of 60, 120, 300 ms.
 */
const METRICS = [
  ...[32, 16, 128, 1, 300 >> 8, 300 & 255, 5_000 >> 8, 5_000 & 255, 0, 80, 0, 110],
  ...[-20 & 255, -60 & 255, 50, 16, 82, 127, 41, 39, 0xf0, 0, 0, 60, 0, 120, 300 >> 8, 300 & 255],
];

/** What `METRICS` says, as a plane tells it. */
export const MEASURED = {
  ...{ lossRatio: 0.125, discardRatio: 0.0625 },
  burst: { missingRatio: 0.5, durationMs: 300 },
  gap: { missingRatio: 1 / 256, durationMs: 5_000 },
  ...{ roundTripMs: 80, endSystemDelayMs: 110, rating: 82 },
  ...{ mosListening: 4.1, mosConversational: 3.9 },
  jitterBuffer: { nominalMs: 60, maximumMs: 120 },
};

/** An extended report of one block: a phone that measures what it hears (RFC 3611 §4.7). */
export function voipMetrics({ of, by, changed = {}, wordsMore = 0 }: Measured): Uint8Array {
  const words = 8 + wordsMore;
  const packet = Buffer.alloc(12 + 4 * words);
  packet.set([0x80, 207, 0, 2 + words]);
  packet.writeUInt32BE(by, 4);
  packet.set([7, 0, 0, words], 8);
  packet.writeUInt32BE(of, 12);
  const metrics = METRICS.map((octet, at) => changed[at] ?? octet);
  packet.set(metrics.slice(0, packet.length - 16), 16);
  return packet;
}

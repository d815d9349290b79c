import { seeded } from '../support/impairment.ts';

/** Real packets with bytes changed, cut off, repeated and lied about. */
export function mutationsOf(
  seeds: readonly Buffer[],
  { seed, count }: { readonly seed: number; readonly count: number },
): readonly Buffer[] {
  const random = seeded(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  return Array.from({ length: count }, (_, at) => {
    const packet = Buffer.from(seeds[at % seeds.length] ?? []);
    return MUTATIONS[below(MUTATIONS.length)]?.(packet, below) ?? packet;
  });
}

type Mutation = (packet: Buffer, below: (limit: number) => number) => Buffer;

const MUTATIONS: readonly Mutation[] = [
  (packet, below) => packet.subarray(0, below(packet.length + 1)),
  (packet, below) => Buffer.concat([packet, packet.subarray(below(packet.length))]),
  (packet, below) => {
    for (let times = 1 + below(8); times > 0; times -= 1) packet[below(packet.length)] = below(256);
    return packet;
  },
  // Lengths and counts are in the first bytes of all of these.
  (packet, below) => {
    packet[below(Math.min(24, packet.length))] = [0, 1, 127, 128, 255][below(5)] ?? 0;
    return packet;
  },
];

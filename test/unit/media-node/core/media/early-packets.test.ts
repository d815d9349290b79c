import { EarlyPackets } from '../../../../../media-node/src/core/media/early-packets.ts';

const FROM = { address: '192.0.2.7', port: 4_000 };
const sequencesOf = (released: ReturnType<EarlyPackets['release']>) =>
  released.map(({ packet }) => packet[0]);

describe('MED-11: speech that overtakes the answer', () => {
  it('is kept in its order, and given once', () => {
    const early = new EarlyPackets();
    for (const at of [1, 2, 3]) early.hold(Uint8Array.of(at), FROM, at * 20);

    expect(sequencesOf(early.release(80))).toEqual([1, 2, 3]);
    expect(early.release(80)).toEqual([]);
  });

  it('is kept as long as it is worth hearing, and no more than a third of a second of it', () => {
    const early = new EarlyPackets();
    for (let at = 1; at <= 40; at += 1) early.hold(Uint8Array.of(at), FROM, at * 20);

    expect(sequencesOf(early.release(800))).toEqual(Array.from({ length: 16 }, (_, at) => at + 25));
    early.hold(Uint8Array.of(1), FROM, 0);
    early.hold(Uint8Array.of(2), FROM, 400);
    expect(sequencesOf(early.release(600))).toEqual([2]);
  });
});

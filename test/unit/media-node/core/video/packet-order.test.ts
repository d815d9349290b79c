import fc from 'fast-check';
import { writeRtp } from '../../../../../media-node/src/core/media/rtp-packet.ts';
import { PacketOrder } from '../../../../../media-node/src/core/video/packet-order.ts';

const packet = (sequence: number, ssrc = 1): Uint8Array =>
  writeRtp(
    { marker: false, payloadType: 96, sequence: sequence % 0x1_0000, timestamp: 0, ssrc },
    Uint8Array.of(1),
  );

function given(sequences: readonly number[], ssrc = 1) {
  const order = new PacketOrder();
  const out = sequences.flatMap((it) => order.take(packet(it, ssrc), 0));
  return { order, out: out.map(({ header, follows }) => [header.sequence, follows]) };
}

describe('MED-9: packets of a picture', () => {
  it('are put in order, and each is there once', () => {
    const { out } = given([10, 12, 11, 11, 10, 13]);

    expect(out).toEqual([10, 11, 12, 13].map((it) => [it, true]));
  });

  it('go on past the end of their numbers', () => {
    expect(given([65_534, 0, 65_535, 1]).out).toEqual(
      [65_534, 65_535, 0, 1].map((it) => [it, true]),
    );
  });

  it('are asked for once where they are missing', () => {
    const { order } = given([10, 13]);

    expect(order.missing()).toEqual([11, 12]);
    expect(order.missing()).toEqual([]);
  });

  it('are passed over when they have been waited for long enough, and that is told', () => {
    const { order } = given([10, 12, 13]);

    expect(order.turn(100)).toEqual([]);
    const out = order.turn(200);

    expect(out.map(({ header, follows }) => [header.sequence, follows])).toEqual([
      [12, false],
      [13, true],
    ]);
    expect(order.take(packet(11), 201)).toEqual([]);
  });

  it('are not waited for while hundreds come behind them', () => {
    const { out } = given([10, ...Array.from({ length: 300 }, (_, at) => 12 + at)]);

    expect(out.length).toBeGreaterThan(250);
    expect(out[1]).toEqual([12, false]);
  });

  it('begin anew with another source, and with numbers far away', () => {
    const order = new PacketOrder();
    const taken = [packet(10), packet(500, 2), packet(40_000, 2), packet(40_001, 2)];

    const out = taken.flatMap((it) => order.take(it, 0));

    expect(out.map((it) => it.header.sequence)).toEqual([10, 500, 40_000, 40_001]);
  });

  it('are none where there is no RTP', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 30 })), (packets) => {
        const order = new PacketOrder();
        for (const it of packets) order.take(it, 0);
        order.missing();
        order.turn(1000);
      }),
    );
  });

  it('come out rising, however they were mixed and lost', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray(Array.from({ length: 40 }, (_, at) => 65_520 + at)),
        (sequences) => {
          const order = new PacketOrder();
          const first = order.take(packet(65_510), 0);
          const out = [...first, ...sequences.flatMap((it) => order.take(packet(it), 0))];
          for (let at = 0; at < 40; at += 1) out.push(...order.turn(1000));
          const numbers = out.map((it) => (it.header.sequence + 0x1_0000 - 65_510) % 0x1_0000);

          expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
          expect(numbers).toHaveLength(sequences.length + 1);
        },
      ),
    );
  });
});

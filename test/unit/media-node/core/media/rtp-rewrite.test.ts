import {
  payloadOf,
  readRtpHeader,
  writeRtp,
} from '../../../../../media-node/src/core/media/rtp-packet.ts';
import {
  type Rewritten,
  RtpRewriter,
} from '../../../../../media-node/src/core/media/rtp-rewrite.ts';

const TARGET = { ssrc: 0x99, firstSequence: 65_535, firstTimestamp: 1000 };
const SAME = new Map([[9, 9]]);
const at = (nowMs: number) => ({ nowMs, payloadTypes: SAME });

const rtp = (
  sequence: number,
  more: { ssrc?: number; payloadType?: number; timestamp?: number } = {},
) =>
  writeRtp(
    {
      ...{ marker: true, payloadType: 9, sequence, timestamp: sequence * 160, ssrc: 1 },
      ...more,
    },
    Uint8Array.of(1, 2, 3),
  );
const headerOf = (rewritten: Rewritten | undefined) => rewritten && readRtpHeader(rewritten.packet);

function headers(packets: readonly Uint8Array[], payloadTypes = SAME) {
  const rewriter = new RtpRewriter(TARGET);
  return packets.map((packet) => headerOf(rewriter.rewrite(packet, { nowMs: 5, payloadTypes })));
}

describe('MED-10: a rewritten stream', () => {
  it('begins where it was told and keeps distance, marker and payload', () => {
    const rewritten = headers([rtp(500), rtp(501), rtp(503)], new Map([[9, 101]]));

    expect(rewritten).toMatchObject([
      { ssrc: 0x99, sequence: 65_535, timestamp: 1000, payloadType: 101, marker: true },
      { ssrc: 0x99, sequence: 0, timestamp: 1160 },
      { ssrc: 0x99, sequence: 2, timestamp: 1480 },
    ]);
  });

  it('leaves reordering as it is', () => {
    expect(headers([rtp(10), rtp(12), rtp(11)]).map((it) => it?.sequence)).toEqual([65_535, 1, 0]);
  });

  it('goes on one step ahead of all it has sent when the source changes', () => {
    const rewritten = headers([rtp(10), rtp(12), rtp(11), rtp(40_000, { ssrc: 2 })]);

    expect(rewritten.at(-1)).toMatchObject({ sequence: 2, timestamp: 1000 + 3 * 160 });
  });

  it.each([
    ['far ahead', 10_000],
    ['far behind', 64_000],
  ])('goes on one step ahead when its source begins anew %s', (_where, sequence) => {
    const rewritten = headers([rtp(10), rtp(11), rtp(sequence), rtp((sequence + 1) % 65_536)]);

    expect(rewritten.map((it) => it?.sequence)).toEqual([65_535, 0, 1, 2]);
  });

  it('kept back on purpose goes on without a gap, at the time it is by then', () => {
    const rewriter = new RtpRewriter(TARGET);
    rewriter.rewrite(rtp(10), at(0));
    rewriter.interrupt();

    const after = rewriter.rewrite(rtp(60), at(7));

    expect(headerOf(after)).toMatchObject({ sequence: 0, timestamp: 1000 + 50 * 160 });
  });

  it('goes on at the time it is when another source takes over', () => {
    const rewriter = new RtpRewriter(TARGET);
    rewriter.rewrite(rtp(10), at(5));

    const after = [rtp(700, { ssrc: 2 }), rtp(701, { ssrc: 2 })].map((packet) =>
      headerOf(rewriter.rewrite(packet, at(1505))),
    );

    // A second and a half of 8000 ticks each; from there on by the source's own steps.
    expect(after).toMatchObject([
      { sequence: 0, timestamp: 1000 + 12_000 },
      { sequence: 1, timestamp: 1000 + 12_160 },
    ]);
  });

  it.each([
    [48_000, 960],
    [90_000, 1800],
  ])('of %i ticks a second leaves the last packet of a source its 20 ms', (clockRateHz, step) => {
    const rewriter = new RtpRewriter({ ...TARGET, clockRateHz });
    rewriter.rewrite(rtp(10), at(5));

    const after = headerOf(rewriter.rewrite(rtp(9, { ssrc: 2 }), at(6)));

    expect(after).toMatchObject({ sequence: 0, timestamp: 1000 + step });
  });

  it('counts what has passed under another clock by that clock (RFC 7160 §4.1)', () => {
    const rewriter = new RtpRewriter(TARGET);
    rewriter.setClockRate(48_000, 0);
    rewriter.setClockRate(8000, 0);
    rewriter.rewrite(rtp(10), at(100));
    rewriter.setClockRate(48_000, 600);

    const after = headerOf(rewriter.rewrite(rtp(9, { ssrc: 2 }), at(700)));

    expect(after).toMatchObject({ sequence: 0, timestamp: 1000 + 500 * 8 + 100 * 48 });
  });

  it('takes who comes after a change for somebody else, whatever he calls himself', () => {
    const rewriter = new RtpRewriter(TARGET);
    rewriter.rewrite(rtp(10), at(0));
    rewriter.changeSource();

    const before = rewriter.sourceSequence(65_535);
    const after = [rtp(13, { timestamp: 7 }), rtp(14, { timestamp: 167 })].map((packet) =>
      headerOf(rewriter.rewrite(packet, at(1000))),
    );

    expect(before).toBeUndefined();
    expect(after).toMatchObject([
      { sequence: 0, timestamp: 1000 + 8000 },
      { sequence: 1, timestamp: 1000 + 8160 },
    ]);
  });

  it('passes no payload type it has no number for, and nothing that is no RTP', () => {
    expect(headers([rtp(1, { payloadType: 13 }), Uint8Array.of(0x80, 9, 0)])).toEqual([
      undefined,
      undefined,
    ]);
  });

  it('sheds extensions, contributing sources and padding of the other side', () => {
    const rewriter = new RtpRewriter(TARGET);
    const plain = rtp(7);
    const dressed = Uint8Array.from([
      // V=2, padding, extension, one CSRC.
      0x80 | 0x20 | 0x10 | 1,
      ...plain.subarray(1, 12),
      ...[0, 0, 0, 5],
      ...[0xbe, 0xde, 0, 1, 0x10, 0xff, 0, 0],
      ...plain.subarray(12),
      ...[0, 0, 3],
    ]);

    const rewritten = rewriter.rewrite(dressed, at(0));

    expect(rewritten?.packet.length).toBe(15);
    expect([...(rewritten?.packet.subarray(12) ?? [])]).toEqual([1, 2, 3]);
  });

  it.each([
    [
      'an extension longer than the packet',
      [0x90, 9, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0xbe, 0xde, 0, 9],
    ],
    ['more sources than fit', [0x8f, 9, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0]],
    ['version 1', [0x40, 9, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1]],
  ])('has no header in %s', (_name, packet) => {
    expect(readRtpHeader(Uint8Array.from(packet))).toBeUndefined();
  });

  it.each([0, 200])('has no payload where the padding says %i', (padding) => {
    const packet = Uint8Array.from([...rtp(1), padding]);
    packet[0] = 0x80 | 0x20;
    const header = readRtpHeader(packet);

    expect(header && payloadOf(packet, header)).toBeUndefined();
  });
});

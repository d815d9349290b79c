import { LostPackets } from '../../../../../media-node/src/core/media/lost-packets.ts';

const packet = (sequence: number, ssrc = 1) => ({
  ...{ marker: false, payloadType: 96, timestamp: 0, headerBytes: 12 },
  sequence,
  ssrc,
});

const aStream = (...sequences: readonly number[]): LostPackets => {
  const lost = new LostPackets();
  for (const sequence of sequences) lost.received(packet(sequence), 0);
  return lost;
};

describe('MED-9: packets of a video that have not come', () => {
  it('are asked for once they are more than late, over the end of the numbers too', () => {
    const lost = aStream(65_534, 1);

    expect(lost.wanted(10).sequences).toEqual([]);
    expect(lost.wanted(20)).toEqual({ sequences: [65_535, 0], picture: false });
    expect(lost.wanted(30).sequences).toEqual([]);
  });

  it('are not where they come late by themselves, or come twice', () => {
    const lost = aStream(1, 3, 2, 3);

    expect(lost.wanted(1000)).toEqual({ sequences: [], picture: false });
  });

  it('are asked for four times, then a whole picture is', () => {
    const lost = aStream(1, 3);

    const asked = [20, 120, 220, 320, 420].map((nowMs) => lost.wanted(nowMs));

    expect(asked.map(({ sequences }) => sequences)).toEqual([[2], [2], [2], [2], []]);
    expect(asked.map(({ picture }) => picture)).toEqual([false, false, false, false, true]);
    expect(lost.wanted(1000)).toEqual({ sequences: [], picture: false });
  });

  it('in great numbers want a picture at once, and not one after the other', () => {
    const lost = aStream(1, 200);
    const first = lost.wanted(1000);
    lost.received(packet(400), 1100);

    expect(first).toEqual({ sequences: [], picture: true });
    expect(lost.wanted(1100).picture).toBe(false);
    expect(lost.wanted(1500).picture).toBe(true);
  });

  it('of another source, or of before a pause, are nobody’s', () => {
    const changed = aStream(1, 3);
    changed.received(packet(90, 2), 0);
    const paused = aStream(1, 3);
    paused.forget();
    paused.received(packet(90), 0);

    for (const lost of [changed, paused]) expect(lost.wanted(1000).sequences).toEqual([]);
  });
});

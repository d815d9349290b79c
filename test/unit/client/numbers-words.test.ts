import { numbersRows, videoRows } from '../../../client/demo/numbers-words.ts';
import type { CallNumbers, VideoLegNumbers } from '../../../client/src/ims-phone.ts';

const LEG = {
  ...{ packetsReceived: 90, octetsReceived: 15_480, packetsLost: 10 },
  ...{ packetsSent: 100, octetsSent: 17_200 },
};
const videoLeg = (more: Partial<VideoLegNumbers>): VideoLegNumbers => ({
  ...LEG,
  ...{ bitsPerSReceived: 0, bitsPerSSent: 0 },
  requestsReceived: { nacks: 1, pictures: 2 },
  requestsSent: { nacks: 3, pictures: 4 },
  ...more,
});
const voice: CallNumbers = { access: LEG, ims: LEG, setUp: {} };
const withVideo = (octetsReceived: number): CallNumbers => ({
  ...voice,
  video: {
    access: videoLeg({ codec: 'VP8', octetsReceived, jitterMs: 4 }),
    ims: videoLeg({ codec: 'H264', far: { packetsLost: 50, jitterMs: 20 }, octetsSent: 0 }),
    onMs: 9_000,
  },
});
const rowOf = (rows: ReturnType<typeof videoRows>, what: string) =>
  rows.find(([name]) => name === what)?.slice(1);

describe('CLI-2, MED-13: what the page says of the numbers of video', () => {
  it('is nothing in a call of voice', () => {
    expect(videoRows({ numbers: voice, atMs: 0 }, undefined)).toEqual([]);
    expect(numbersRows(voice).map(([what]) => what)).not.toContain('Video');
  });

  it('is format, loss, jitter and requests of both lines, each way', () => {
    const rows = videoRows({ numbers: withVideo(100), atMs: 0 }, undefined);

    expect(rowOf(rows, 'Video')).toEqual(['VP8', 'H264']);
    expect(rowOf(rows, 'Your picture: lost')).toEqual(['10 %', '50 %']);
    expect(rowOf(rows, 'Your picture: jitter')).toEqual(['4.0 ms', '20 ms']);
    expect(rowOf(rows, 'Your picture: asked for again')).toEqual([
      '3 NACK, 4 PLI',
      '1 NACK, 2 PLI',
    ]);
    expect(rowOf(rows, 'Their picture: lost')).toEqual(['–', '10 %']);
  });

  it('has a rate from the second reading on, and over the time between the two', () => {
    const first = { numbers: withVideo(100_000), atMs: 1_000 };
    const second = { numbers: withVideo(350_000), atMs: 6_000 };

    expect(rowOf(videoRows(first, undefined), 'Your picture: rate')).toEqual(['–', '–']);
    expect(rowOf(videoRows(second, first), 'Your picture: rate')).toEqual([
      '400 kbit/s',
      '0 kbit/s',
    ]);
    expect(rowOf(videoRows(second, { numbers: voice, atMs: 1_000 }), 'Your picture: rate')).toEqual(
      ['–', '–'],
    );
  });
});

describe('CLI-2, MED-13: what the page says of the codecs', () => {
  it('has the mode of AMR beside it, and both where the two ways differ', () => {
    const ims = { ...LEG, codec: 'AMR-WB', kbitPerSHeard: 12.65, kbitPerSSent: 12.65 };
    const codecs = (more: Partial<typeof ims>) =>
      rowOf(numbersRows({ ...voice, ims: { ...ims, ...more } }), 'Codec');

    expect(codecs({})).toEqual(['–', 'AMR-WB 12.65']);
    expect(codecs({ kbitPerSSent: 6.6 })).toEqual(['–', 'AMR-WB 12.65 / 6.6']);
  });
});

describe('CLI-2, MED-13: what the page says of what a phone has measured', () => {
  const measured = {
    ...{ lossPercent: 1, discardPercent: 0.4, burstPercent: 0, burstMs: 0 },
    ...{ gapPercent: 0, gapMs: 0, jitterBufferMs: 60 },
  };
  const ofPhone = (more: object) => {
    const far = { packetsLost: 0, jitterMs: 1, measured: { ...measured, ...more } };
    return numbersRows({ ...voice, ims: { ...LEG, far } });
  };

  it('is its score, and how it holds what comes', () => {
    const rows = ofPhone({ mosConversational: 3.9, mosListening: 4.1 });

    expect(rowOf(rows, 'Its phone says: score')).toEqual(['–', '3.9']);
    expect(rowOf(rows, 'Its phone says: held, late')).toEqual(['–', '60 ms, 0.4 % late']);
    expect(rowOf(ofPhone({ mosListening: 4.1 }), 'Its phone says: score')).toEqual(['–', '4.1']);
    expect(rowOf(ofPhone({}), 'Its phone says: score')).toEqual(['–', '–']);
  });

  it('is nothing where no phone says anything', () => {
    expect(
      numbersRows(voice)
        .map(([what]) => what)
        .join(),
    ).not.toContain('phone says');
  });
});

import { barredRows, MEDIA_LIMITS } from '../../perf/media/limits.ts';
import { isUsable, rowsOf, type Sample, usableRows } from '../../perf/media/media-rows.ts';
import { FLOOR } from '../../perf/media/relays/floor.ts';
import { NATIVE, NATIVE_EPOLL } from '../../perf/media/relays/isthmus.ts';
import { BencodeReader, bencode } from '../../perf/media/relays/ng-client.ts';
import { RTPENGINE } from '../../perf/media/relays/rtpengine.ts';
import { barsOf } from '../../perf/report.ts';

const CASE = 'audio, 500 calls';
const seen = (cpuUsPerPacket: number) => ({
  ...{ cpuUsPerPacket, packetsPerS: 50_000, relayCores: 0.5, generatorCores: 0.4 },
  ...{ sent: 1_000, lost: 0, bad: 0, verified: 900, p50Us: 60, p99Us: 900 },
});
const sample = (subject: string, round: number, cpuUsPerPacket: number): Sample => ({
  case: CASE,
  subject,
  round,
  seen: seen(cpuUsPerPacket),
});

describe('the media benchmark', () => {
  it('compares what ran in the same round, and tells the median', () => {
    const rows = rowsOf([
      ...[sample(RTPENGINE, 0, 20), sample(FLOOR, 0, 8), sample(NATIVE, 0, 10)],
      ...[sample(RTPENGINE, 1, 40), sample(FLOOR, 1, 16), sample(NATIVE, 1, 16)],
      ...[sample(RTPENGINE, 2, 30), sample(FLOOR, 2, 10), sample(NATIVE, 2, 18)],
    ]);

    expect(rows.find(({ subject }) => subject === NATIVE)).toMatchObject({
      ...{ rounds: 3, cpuUsPerPacket: 16, ratioToRtpengine: 0.5, ratioToFloor: 1.25 },
      ...{ lossPercent: 0, p50Ms: 0.06, p99Ms: 0.9, verifiedPackets: 2_700 },
    });
  });

  it('tells what io_uring saves, where epoll ran too', () => {
    const [beside] = rowsOf([sample(NATIVE, 0, 9), sample(NATIVE_EPOLL, 0, 10)]);
    const [alone] = rowsOf([sample(NATIVE, 0, 9)]);

    expect(beside).toMatchObject({ ratioToEpoll: 0.9 });
    expect(alone).not.toHaveProperty('ratioToEpoll');
  });

  it('holds the native plane alone to its bars', () => {
    const rows = rowsOf([sample(RTPENGINE, 0, 20), sample(FLOOR, 0, 8), sample(NATIVE, 0, 13)]);
    const usable = usableRows([
      new Map([
        [RTPENGINE, 400],
        [NATIVE, 800],
      ]),
    ]);

    const bars = barsOf(barredRows([...rows, ...usable]), MEDIA_LIMITS);

    expect(bars.map(({ value, pass }) => [value, pass])).toEqual([
      [0.65, false],
      [1.63, false],
      [Number.NaN, false],
      [2, true],
    ]);
  });

  it('misses its bars where rtpengine cannot run, and says why', () => {
    const error = 'Missing: rtpengine';
    const rows = rowsOf([
      { case: CASE, subject: RTPENGINE, round: 0, seen: { error } },
      sample(NATIVE, 0, 10),
    ]);

    expect(rows).toContainEqual({ case: CASE, subject: RTPENGINE, error });
    expect(barsOf(barredRows(rows), MEDIA_LIMITS).some(({ pass }) => pass)).toBe(false);
  });

  it('calls usable what neither loses nor spoils nor delays, in every round', () => {
    expect(isUsable(seen(1))).toBe(true);
    expect(isUsable({ ...seen(1), lost: 1 })).toBe(false);
    expect(isUsable({ ...seen(1), bad: 1 })).toBe(false);
    expect(isUsable({ ...seen(1), p99Us: 20_000 })).toBe(false);
    const rounds = [new Map([[RTPENGINE, 500]]), new Map([[RTPENGINE, 400]])];
    expect(usableRows(rounds)).toEqual([expect.objectContaining({ calls: 400 })]);
  });

  it('speaks the control protocol of rtpengine', () => {
    const said = { command: 'offer', replace: ['origin'], port: 7, 'call-id': 'é' };

    const wire = bencode(said);

    expect(wire).toBe('d7:call-id2:é7:command5:offer4:porti7e7:replacel6:originee');
    const bytes = Buffer.from('d3:sdp4:v=0\n6:numberi-3ee');
    expect(new BencodeReader(bytes).value()).toEqual({ sdp: 'v=0\n', number: -3 });
  });
});

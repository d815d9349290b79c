import { type Digit, DigitReader } from '../../../../../media-node/src/core/media/digit-reader.ts';
import { writeRtp } from '../../../../../media-node/src/core/media/rtp-packet.ts';

const EVENT = 101;
const VOICE = 8;
let sequence = 0;

interface EventPacket {
  readonly code: number;
  readonly timestamp: number;
  readonly ticks: number;
  readonly isEnd?: boolean;
  readonly ssrc?: number;
}

const rtp = (payloadType: number, timestamp: number, payload: readonly number[], ssrc = 7) => {
  sequence += 1;
  const header = { marker: false, payloadType, sequence, timestamp, ssrc };
  return writeRtp(header, Uint8Array.from(payload));
};
const event = ({ code, timestamp, ticks, isEnd = false, ssrc }: EventPacket) =>
  rtp(EVENT, timestamp, [code, isEnd ? 0x8a : 0x0a, ticks >> 8, ticks & 0xff], ssrc);
const voice = (timestamp: number) => rtp(VOICE, timestamp, [1, 2, 3]);
/** As a phone presses a key: updates, and the end three times. */
const key = (code: number, timestamp: number, ticks = 800, ssrc = 7) => [
  ...[160, 320, 480].map((it) => event({ code, timestamp, ticks: it, ssrc })),
  ...Array.from({ length: 3 }, () => event({ code, timestamp, ticks, isEnd: true, ssrc })),
];

function hear(packets: readonly Uint8Array[], { clockRateHz = 8000, stepMs = 20 } = {}) {
  const reader = new DigitReader();
  reader.setEvents(new Map([[EVENT, clockRateHz]]));
  let nowMs = 0;
  return packets.flatMap((packet): Digit[] => {
    nowMs += stepMs;
    const digit = reader.read(packet, nowMs);
    return digit ? [digit] : [];
  });
}
const digitsIn = (packets: readonly Uint8Array[]) =>
  hear(packets)
    .map(({ digit }) => digit)
    .join('');

describe('SES-5: RFC 4733 §2.5: keys in a stream of RTP', () => {
  it('are heard once each, though their end comes three times', () => {
    const pressed = [1, 1, 10, 11, 15].flatMap((code, index) => key(code, 1_000 + index * 2_000));

    expect(digitsIn(pressed)).toBe('11*#D');
  });

  it.each([
    [8000, 800],
    [16_000, 1_600],
    [48_000, 4_800],
  ])('last as long as their clock of %i Hz says', (clockRateHz, ticks) => {
    expect(hear(key(5, 1_000, ticks), { clockRateHz })).toEqual([{ digit: '5', durationMs: 100 }]);
  });

  it('are heard by one packet of their end alone', () => {
    const [end] = key(3, 1_000).slice(-1);

    expect(hear(end ? [end] : [])).toEqual([{ digit: '3', durationMs: 100 }]);
  });

  it('whose end is lost are heard where the next begins', () => {
    expect(digitsIn([...key(1, 1_000).slice(0, 3), ...key(2, 3_000)])).toBe('12');
  });

  it('whose end is lost are heard where the voice goes on', () => {
    const packets = [...key(1, 1_000).slice(0, 3), voice(2_000), voice(2_160), voice(2_320)];

    expect(hear(packets)).toEqual([{ digit: '1', durationMs: 60 }]);
  });

  it('are not cut by a packet of voice that was overtaken', () => {
    const [first, ...rest] = key(4, 1_000);

    expect(digitsIn([...(first ? [first] : []), voice(840), ...rest])).toBe('4');
  });

  it('that overtake one another are not heard again', () => {
    const [one, two] = [key(1, 1_000), key(2, 3_000)];

    expect(digitsIn([...one, ...two, ...one.slice(-1)])).toBe('12');
  });

  it('go on over the longest duration that fits', () => {
    const packets = [
      event({ code: 7, timestamp: 0, ticks: 0xffff }),
      event({ code: 7, timestamp: 0xffff, ticks: 465, isEnd: true }),
    ];

    expect(hear(packets)).toEqual([{ digit: '7', durationMs: 8_250 }]);
  });

  it('begin anew with a new source, whatever its timestamps', () => {
    expect(digitsIn([...key(1, 900_000), ...key(1, 5, 800, 8)])).toBe('11');
  });

  it('that are no keys, or no event at all, are not heard', () => {
    const flash = key(16, 1_000);

    expect(digitsIn([...flash, rtp(EVENT, 5_000, [1, 0x80]), voice(1), Uint8Array.of(1)])).toBe('');
  });

  it('SEC-4: faster than anybody presses them are dropped', () => {
    const flood = Array.from({ length: 1_000 }, (_, index) =>
      event({ code: 1, timestamp: index * 10, ticks: 5, isEnd: true }),
    );

    expect(hear(flood, { stepMs: 1 }).length).toBeLessThan(50);
  });
});

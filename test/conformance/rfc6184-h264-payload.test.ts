import fc from 'fast-check';
import {
  type H264Payload,
  packH264,
  readH264Payload,
} from '../../media-node/src/core/video/h264-payload.ts';
import { unitsIn } from '../../media-node/src/core/video/h264-units.ts';
import { newParts } from '../../media-node/src/core/video/picture-parts.ts';

const unit = (type: number, length: number, nri = 0x60): Uint8Array =>
  Uint8Array.from([nri | type, ...Array.from({ length: length - 1 }, (_, at) => (at % 250) + 2)]);
const [SPS, PPS, IDR, SLICE] = [unit(7, 20), unit(8, 6), unit(5, 3000), unit(1, 500, 0x20)];
const mode1 = { mode: 1, maxBytes: 1180 } as const;

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Units as they come out of the payloads of one picture. */
function read(payloads: readonly Uint8Array[]): readonly Uint8Array[] {
  const parts = newParts('H264');
  const areTaken = payloads.every((it) => parts.add(it));
  const { data, isWhole } = parts.finish();
  return areTaken && isWhole ? unitsIn(data) : [];
}

/** Bodies without anything like a start code, as encoders make them. */
const aUnit = fc
  .tuple(fc.constantFrom(1, 5, 6, 7, 8), fc.uint8Array({ minLength: 1, maxLength: 3000 }))
  .map(([type, body]) => Uint8Array.from([0x60 | type, ...body.map((it) => it | 1)]));

describe('RFC 6184 §5: H.264 in packets (MED-9)', () => {
  it('§5.6: has a unit alone where it fits', () => {
    expect(packH264([SLICE], mode1)?.map(hex)).toEqual([hex(SLICE)]);
    expect(readH264Payload(SLICE)).toEqual({ kind: 'units', units: [SLICE] });
  });

  it('§5.7.1: has neighbours that fit in one packet, as important as the first of them', () => {
    const [packet = new Uint8Array(), ...others] = packH264([SPS, PPS], mode1) ?? [];

    expect(others).toEqual([]);
    expect(hex(packet)).toBe(`780014${hex(SPS)}0006${hex(PPS)}`);
    expect(readH264Payload(packet)).toEqual({ kind: 'units', units: [SPS, PPS] });
  });

  it('§5.8: has a unit that fits none in several, its ends marked', () => {
    const payloads = packH264([IDR], mode1) ?? [];
    const heads = payloads.map((it) => hex(it.subarray(0, 2)));

    expect(heads).toEqual(['7c85', '7c05', '7c45']);
    expect(read(payloads).map(hex)).toEqual([hex(IDR)]);
  });

  it('§6.2: has one unit a packet in mode 0, and nothing where one does not fit', () => {
    expect(packH264([SPS, PPS, SLICE], { ...mode1, mode: 0 })).toEqual([SPS, PPS, SLICE]);
    expect(packH264([SPS, IDR], { ...mode1, mode: 0 })).toBeUndefined();
  });

  it('leaves delimiters out: the marker is one', () => {
    expect(packH264([unit(9, 2), SLICE], mode1)).toEqual([SLICE]);
  });

  it.each([
    ['nothing', ''],
    ['an aggregate of nothing', '78'],
    ['an aggregate longer than its packet', '780005aa'],
    ['an aggregate with a unit of no bytes', '780000'],
    ['a fragment of nothing', '7c85'],
    ['what interleaved mode has', '7900010003aabbcc'],
    ['a number that is reserved', '7f01'],
  ])('is refused where there is %s', (_name, bytes) => {
    expect(readH264Payload(Buffer.from(bytes, 'hex'))).toBeUndefined();
  });

  it.each([
    ['its first piece', (it: readonly Uint8Array[]) => it.slice(1)],
    ['its last piece', (it: readonly Uint8Array[]) => it.slice(0, -1)],
  ])('is no whole picture without %s', (_name, cut) => {
    expect(read(cut(packH264([IDR], mode1) ?? []))).toEqual([]);
  });

  it('comes back as it went, in any sizes, and no packet is too long', () => {
    fc.assert(
      fc.property(
        fc.array(aUnit, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 100, max: 1200 }),
        (units, maxBytes) => {
          const payloads = packH264(units, { mode: 1, maxBytes }) ?? [];

          expect(Math.max(...payloads.map((it) => it.length))).toBeLessThanOrEqual(maxBytes);
          expect(read(payloads).map(hex)).toEqual(units.map(hex));
        },
      ),
    );
  });

  it('is read whatever bytes there are, without a throw and never beyond them', () => {
    const bytesOf = (it: H264Payload | undefined): number => {
      if (!it) return 0;
      const pieces = it.kind === 'units' ? it.units : [it.data];
      return pieces.reduce((sum, piece) => sum + piece.length, 0);
    };
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        expect(bytesOf(readH264Payload(bytes))).toBeLessThanOrEqual(bytes.length);
        const parts = newParts('H264');
        parts.add(bytes);
        parts.finish();
      }),
    );
  });
});

describe('ITU-T H.264 annex B: units in a stream (MED-9)', () => {
  it('are told by start codes of three bytes and of four, zeros behind them apart', () => {
    const stream = Buffer.from('00000001674201000000016801020000016500ff00', 'hex');

    expect(unitsIn(stream).map(hex)).toEqual(['674201', '680102', '6500ff']);
  });

  it('are none in what has no start code', () => {
    expect(unitsIn(Uint8Array.of(0, 0, 2, 1, 5))).toEqual([]);
    expect(unitsIn(new Uint8Array())).toEqual([]);
  });
});

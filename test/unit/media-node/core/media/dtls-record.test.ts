import { concatBytes } from '../../../../../media-node/src/core/media/bytes.ts';
import {
  handshakeRecords,
  OF_SERVER,
} from '../../../../../media-node/src/core/media/dtls-record.ts';

const record = (type: number, epoch: number, body: readonly number[]) =>
  Uint8Array.from([type, 254, 253, 0, epoch, 0, 0, 0, 0, 0, 0, 0, body.length, ...body]);
const bytes24 = (value: number) => [value >> 16, (value >> 8) & 255, value & 255];

interface Part {
  readonly announced?: number;
  readonly offset?: number;
  readonly length?: number;
  readonly sequence?: number;
}
/** One byte of a message. */
const part = (type: number, { announced = 1, offset = 0, length = 1, sequence = 0 }: Part = {}) => [
  ...[type, ...bytes24(announced), 0, sequence, ...bytes24(offset), ...bytes24(length)],
  7,
];
const handshake = (type: number, of: Part = {}) => record(22, 0, part(type, of));

const hello = handshake(1);
const certificate = handshake(11);
const cipherChange = record(20, 0, [1]);
const finished = record(22, 1, [1, 2, 3]);

describe('MED-7: a DTLS record', () => {
  it.each([
    ['a ClientHello', hello, true, false],
    ['a certificate', certificate, true, false],
    ['a change of ciphers', cipherChange, true, false],
    ['a protected message', finished, true, true],
    ['a Finished in the clear', handshake(20), false, false],
    ['an alert in the clear', record(21, 0, [1, 0]), false, false],
    ['an alert that says it is protected', record(21, 1, [1, 0]), false, false],
    ['data, for which there is no use', record(23, 1, [1]), false, false],
    ['no known type', record(63, 0, [1]), false, false],
    ['a version that is none', Uint8Array.from([22, 3, 3, ...finished.subarray(3)]), false, false],
    ['a part of a message', handshake(11, { announced: 900, offset: 899 }), true, false],
    ['two messages', record(22, 0, [...part(11), ...part(16)]), true, false],
    ['a message that announces 16 MB', handshake(11, { announced: 0xff_ffff }), false, false],
    ['a part behind the end of its message', handshake(11, { offset: 1 }), false, false],
    ['a part longer than what is there', handshake(11, { announced: 9, length: 9 }), false, false],
    ['a part of nothing', record(22, 0, part(11, { length: 0 }).slice(0, 12)), false, false],
    ['a message too far on', handshake(16, { sequence: 9 }), false, false],
    ["a server's hello", handshake(2), false, false],
    ["a server's cookie", handshake(3), false, false],
    ['a wish to begin anew', handshake(0), false, false],
    ['a message behind one of the server', record(22, 0, [...part(2), ...part(11)]), false, false],
    ['a handshake message without a header', record(22, 0, [1]), false, false],
  ])('may be part of a handshake or not, and afterwards: %s', (_name, it, during, afterwards) => {
    expect(handshakeRecords(it, false).length > 0).toBe(during);
    expect(handshakeRecords(it, true).length > 0).toBe(afterwards);
  });

  it.each<readonly [number, number, boolean]>([
    ...[2, 3, 11, 12, 13, 14].map((type) => [type, 5, true] as const),
    ...[0, 1, 4, 15, 16, 20].map((type) => [type, 1, false] as const),
    [14, 6, false],
  ])(
    'of a server may be part of a handshake or not: type %d as number %d',
    (type, sequence, may) => {
      expect(handshakeRecords(handshake(type, { sequence }), false, OF_SERVER).length > 0).toBe(
        may,
      );
    },
  );

  it('is taken out of a datagram alone, the others stay as they were', () => {
    const alert = record(21, 0, [2, 40]);

    const rest = handshakeRecords(concatBytes(certificate, alert, cipherChange, finished), false);

    expect(rest).toEqual(concatBytes(certificate, cipherChange, finished));
  });

  it('ends what can be read where it is cut short', () => {
    const stump = finished.subarray(0, finished.length - 1);

    expect(handshakeRecords(concatBytes(certificate, stump), false)).toEqual(certificate);
    expect(handshakeRecords(stump.subarray(0, 5), false)).toHaveLength(0);
  });
});

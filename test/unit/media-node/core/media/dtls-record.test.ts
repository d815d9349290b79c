import { concatBytes } from '../../../../../media-node/src/core/media/bytes.ts';
import { handshakeRecords } from '../../../../../media-node/src/core/media/dtls-record.ts';

const record = (type: number, epoch: number, body: readonly number[]) =>
  Uint8Array.from([type, 254, 253, 0, epoch, 0, 0, 0, 0, 0, 0, 0, body.length, ...body]);
const handshake = (type: number, announced = 1) =>
  record(22, 0, [
    type,
    announced >> 16,
    (announced >> 8) & 255,
    announced & 255,
    ...new Uint8Array(9),
  ]);

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
    ['a message that announces 16 MB', handshake(11, 0xff_ffff), false, false],
    ['a handshake message without a header', record(22, 0, [1]), false, false],
  ])('may be part of a handshake or not, and afterwards: %s', (_name, it, during, afterwards) => {
    expect(handshakeRecords(it, false).length > 0).toBe(during);
    expect(handshakeRecords(it, true).length > 0).toBe(afterwards);
  });

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

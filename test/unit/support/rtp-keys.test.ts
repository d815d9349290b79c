import { keysIn, pressed } from '../../support/rtp-keys.ts';

const EVENTS = 101;

function packet(payloadType: number, timestamp: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt8(0x80, 0);
  header.writeUInt8(payloadType, 1);
  header.writeUInt32BE(timestamp, 4);
  return Buffer.concat([header, payload]);
}

describe('keys in RTP', () => {
  it('are said thrice and heard once, the same one pressed again too', () => {
    const packets = Array.from('15#5').flatMap((key, index) =>
      pressed(key).map((payload) => packet(EVENTS, index * 1_600, payload)),
    );

    expect(packets).toHaveLength(12);
    expect(keysIn(packets, EVENTS)).toBe('15#5');
  });

  it('are neither voice nor a key that is still held down', () => {
    const held = Buffer.from([1, 10, 0, 160]);

    expect(keysIn([packet(EVENTS, 0, held), packet(8, 0, Buffer.alloc(160, 0xd5))], EVENTS)).toBe(
      '',
    );
    expect(keysIn([Buffer.alloc(13)], EVENTS)).toBe('');
  });
});

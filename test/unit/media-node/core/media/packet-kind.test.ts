import { packetKind } from '../../../../../media-node/src/core/media/packet-kind.ts';

describe('MED-3: what shares one port', () => {
  it.each([
    ['stun', [0, 1]],
    ['stun', [3, 0]],
    ['unknown', [4, 0]],
    ['unknown', [19, 0]],
    ['dtls', [20, 254]],
    ['dtls', [63, 0]],
    ['unknown', [64, 0]],
    ['rtp', [128, 9]],
    ['rtp', [191, 0x80 | 111]],
    ['rtcp', [128, 192]],
    ['rtcp', [128, 223]],
    ['rtp', [128, 224]],
    ['unknown', [192, 0]],
    ['unknown', []],
  ])('is %s when it begins with %j', (kind, packet) => {
    expect(packetKind(Uint8Array.from(packet))).toBe(kind);
  });
});

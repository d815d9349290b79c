import { decodeG711, encodeG711 } from '../../../../../local/src/ims/media/g711.ts';
import { decodeLaw } from '../../../../integration/ims-simulator/raw-rtp.ts';

describe.each(['PCMU', 'PCMA'] as const)('%s', (law) => {
  const bytes = Uint8Array.from({ length: 256 }, (_, at) => at);

  it('decodes every byte as the tables of ITU-T G.711 do', () => {
    const expected = [...bytes].map((byte) => decodeLaw(law, byte));

    expect([...decodeG711(law, bytes)]).toEqual(expected);
  });

  it('encodes what it decoded into a byte of the same value', () => {
    const samples = decodeG711(law, bytes);

    expect([...decodeG711(law, encodeG711(law, samples))]).toEqual([...samples]);
  });

  it('takes the extremes without wrapping round', () => {
    const [low = 0, high = 0] = decodeG711(law, encodeG711(law, Int16Array.of(-32_768, 32_767)));

    expect(low).toBeLessThan(-30_000);
    expect(high).toBeGreaterThan(30_000);
  });
});

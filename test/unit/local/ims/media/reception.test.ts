import { createReception } from '../../../../../local/src/ims/media/reception.ts';

const packet = (sequence: number, timestamp = sequence * 160) => ({
  payloadType: 0,
  marker: false,
  sequence,
  timestamp,
  ssrc: 7,
  payload: new Uint8Array(0),
});

describe('a reception report', () => {
  it('is none before the first packet', () => {
    expect(createReception(8_000).report()).toBeUndefined();
  });

  it('counts losses and sequence cycles', () => {
    const reception = createReception(8_000);
    for (const sequence of [65_534, 65_535, 1, 2]) reception.receive(packet(sequence), 0);

    expect(reception.report()).toMatchObject({
      ssrc: 7,
      lost: 1,
      fractionLost: 51,
      highestSequence: 65_538,
    });
    expect(reception.report()).toMatchObject({ lost: 1, fractionLost: 0 });
  });

  it('sees no jitter in packets that come in step', () => {
    const reception = createReception(8_000);
    for (const at of [0, 1, 2, 3]) reception.receive(packet(at), at * 20);

    expect(reception.report()?.jitter).toBe(0);
  });
});

import { createVoiceCodecs } from '../../media-node/src/adapters/codecs/create-voice-codecs.ts';
import { loadNativeAddon } from '../../media-node/src/adapters/codecs/native-addon.ts';
import { tellMissing } from '../../media-node/src/adapters/codecs/tell-missing.ts';
import { createWorkerTranscoder } from '../../media-node/src/adapters/codecs/worker-transcoder.ts';
import { systemClock } from '../../media-node/src/adapters/time/system-clock.ts';
import { payloadOf, readRtpHeader } from '../../media-node/src/core/media/rtp-packet.ts';
import { EVS_NO_DATA } from '../../media-node/src/core/voice/evs-frame.ts';
import { LEGS, planOf } from '../support/a-voice-leg.ts';
import { evsLibraries } from '../support/evs-library/build.ts';
import { noLog } from '../support/node-no-log.ts';
import { speakInto } from '../support/speak-into.ts';
import { describeVoiceCodecs, hum } from './voice-codecs.contract.ts';

const libraries = evsLibraries();
afterAll(() => {
  libraries.remove();
});

const codecsWith = (library: string) => createVoiceCodecs(loadNativeAddon(), library);
const sound = libraries.build();
const WIDE_13_2 = 0x24;
const noMetrics = { count: () => undefined, gauge: () => undefined };

describeVoiceCodecs('real, with an EVS library,', () => codecsWith(sound), ['EVS']);

describe('MED-8: EVS of a library that an operator supplies', () => {
  const evs = { codec: 'EVS', rateHz: 16_000, withPauses: true } as const;

  it('is there with the library, and not missed without one', () => {
    expect(codecsWith(sound).available).toContain('EVS');
    expect(createVoiceCodecs().available).not.toContain('EVS');
    expect(createVoiceCodecs().missing.has('EVS')).toBe(false);
  });

  it.each([
    ['narrow, variable', 0x00, 1, 0],
    ['narrow, 8 kbit/s', 0x02, 2, 0],
    ['wide, 13.2 kbit/s', WIDE_13_2, 4, 1],
    ['super-wide, 24.4 kbit/s', 0x36, 6, 2],
    ['full, 128 kbit/s', 0x4b, 11, 3],
  ])('codes each frame as it is asked to: %s', (_name, mode, type, bandwidth) => {
    const frame = codecsWith(sound).openEncoder(evs).encode(hum(16_000, 0), mode);

    expect(frame[0]).toBe(type);
    expect((frame[1] ?? 0) >> 5).toBe(bandwidth);
  });

  it('pauses in silence where that is allowed, and only there', () => {
    const codecs = codecsWith(sound);
    const silence = new Int16Array(320);
    const [pausing, other] = [true, false].map((withPauses) =>
      codecs.openEncoder({ ...evs, withPauses }).encode(silence, WIDE_13_2),
    );

    expect([...(pausing ?? [])]).toEqual([EVS_NO_DATA]);
    expect(other).toHaveLength(34);
  });

  it('is told of frames that are lost, and of pauses', () => {
    const codecs = codecsWith(sound);
    const decoder = codecs.openDecoder('EVS', 16_000);
    const pcm = new Int16Array(320);
    decoder.decode(codecs.openEncoder(evs).encode(hum(16_000, 3), WIDE_13_2), pcm);
    const said = pcm.slice();

    decoder.conceal(pcm);
    const filled = pcm.slice();
    decoder.decode(Uint8Array.of(EVS_NO_DATA), pcm);

    expect(filled).toEqual(said);
    expect(pcm).toEqual(new Int16Array(320));
  });

  it.each([
    ['a type that does not exist', [13]],
    ['a type beyond all', [200, 1, 2]],
    ['a frame cut short', [4, 1, 2, 3]],
    ['none', []],
  ])('is never given %s', (_name, octets) => {
    const decoder = codecsWith(sound).openDecoder('EVS', 16_000);

    expect(decoder.decode(Uint8Array.from(octets), new Int16Array(320))).toBe(0);
  });

  it.each([0x14, 0x2c, 0x7f, -1, 4000])('encodes in no mode that does not exist: %i', (mode) => {
    expect(codecsWith(sound).openEncoder(evs).encode(hum(16_000, 0), mode)).toHaveLength(0);
  });

  it('crosses a call in the threads of the transcoder, both ways', async () => {
    const codecs = codecsWith(sound);
    const transcoder = createWorkerTranscoder(
      { codecs, clock: systemClock, log: noLog, metrics: noMetrics },
      { threads: 1, capacity: 2, evsLibrary: sound },
    );
    const { left } = await speakInto(transcoder, planOf(LEGS.EVS), 8);
    await transcoder.close();

    const payloads = left.map(({ packet }) => {
      const header = readRtpHeader(packet);
      return header && payloadOf(packet, header);
    });
    // 13.2 kbit/s in the compact format.
    expect(new Set(payloads.map((it) => it?.length))).toEqual(new Set([33]));
  });
});

describe('MED-8: an EVS library that cannot be used', () => {
  it.each([
    ['OTHER_VERSION', /built for version 2 of isthmus-evs\.h, this node has 1/],
    ['NO_DECODE', /undefined symbol: isthmus_evs_decode/],
    ['NO_ENCODER', /-1 bits and not 264/],
    ['OCTETS_FOR_BITS', /33 bits and not 264/],
  ] as const)('is told of in one line, and leaves all the others: %s', (fault, reason) => {
    const codecs = codecsWith(libraries.build(fault));
    const told: unknown[] = [];

    tellMissing(codecs, { ...noLog, warn: (message, fields) => told.push([message, fields]) });

    expect(codecs.missing.get('EVS')).toMatch(reason);
    expect(codecs.missing.get('EVS')).not.toContain('\n');
    expect(told).toHaveLength(1);
    expect(codecs.available).not.toContain('EVS');
    expect(codecs.available).toContain('AMR-WB');
    expect(() => codecs.openDecoder('EVS', 16_000)).toThrow(RangeError);
  });

  it('that is not there, or is no library, is named', () => {
    expect(codecsWith('/nowhere/libevs.so').missing.get('EVS')).toContain('/nowhere/libevs.so');
    expect(codecsWith(import.meta.filename).missing.get('EVS')).toContain('invalid ELF header');
  });

  it('without the addon is not opened at all', () => {
    const codecs = createVoiceCodecs(loadNativeAddon(['./not-there.node']), sound);

    expect(codecs.missing.get('EVS')).toBe('the addon is not built');
  });
});

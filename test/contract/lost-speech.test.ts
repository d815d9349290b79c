import { createVoiceCodecs } from '../../media-node/src/adapters/codecs/create-voice-codecs.ts';
import { levelOf } from '../../media-node/src/core/voice/comfort-noise.ts';
import { ConcealingDecoder } from '../../media-node/src/core/voice/concealing-decoder.ts';
import type { VoiceFrame } from '../../media-node/src/core/voice/voice-frame.ts';
import { seeded } from '../support/impairment.ts';
import { scoreApart } from '../support/speech/score-apart.ts';
import { repeated, spoken, VOICES } from '../support/speech/voices.ts';

const RATE_HZ = 16_000;
const FRAME = RATE_HZ / 50;
const codecs = createVoiceCodecs();

/** What a jitter buffer conceals at most, in frames, before it says nothing more: 300 ms. */
const LONGEST_GAP = 15;
/** Of STOI, in the mean of all seconds; most of them lose nothing. */
const GAIN = 0.01;
/** Which frames are lost: one fate may hit vowels, another pauses. */
const SEEDS = [1, 2, 3];

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, it) => sum + it, 0) / values.length;

describe.each([
  { codec: 'AMR-WB', rateHz: 16_000, mode: 2 },
  { codec: 'AMR', rateHz: 8000, mode: 7 },
] as const)('MED-8: lost frames of $codec', ({ codec, rateHz, mode }) => {
  const samples = rateHz / 50;
  const said = spoken(VOICES[0], rateHz);
  const whole = repeated(said, 3);
  const frames = framesOf(whole);
  const rateOf = (heard: Int16Array) => ({ said, heard, rateHz });

  function framesOf(pcm: Int16Array): readonly VoiceFrame[] {
    const encoder = codecs.openEncoder({ codec, rateHz, withPauses: false });
    return Array.from({ length: Math.floor(pcm.length / samples) }, (_, at) => {
      const sound = pcm.subarray(at * samples, (at + 1) * samples);
      return { kind: 'coded', octets: encoder.encode(sound, mode).slice(), isGood: true };
    });
  }

  const aDecoder = () => new ConcealingDecoder(codec, codecs.openDecoder(codec, rateHz));

  function heardWith(
    isLost: (at: number) => boolean,
    make: (decoder: ConcealingDecoder, pcm: Int16Array, frame: VoiceFrame) => void,
  ): Int16Array {
    const decoder = aDecoder();
    const heard = new Int16Array(frames.length * samples);
    frames.forEach((frame, at) => {
      const pcm = heard.subarray(at * samples, (at + 1) * samples);
      if (isLost(at)) make(decoder, pcm, frame);
      else decoder.play(frame, pcm, samples);
    });
    return heard;
  }

  function lossOf(percent: number, seed: number): (at: number) => boolean {
    const random = seeded(seed);
    const lost = frames.map(() => random() < percent / 100);
    return (at) => lost[at] === true;
  }

  const conceal = (decoder: ConcealingDecoder, pcm: Int16Array) => decoder.conceal(pcm);
  const silence = (_: ConcealingDecoder, pcm: Int16Array) => pcm.fill(0);

  it.each([5, 10])('at %i %% are heard as less than silence in their place', (percent) => {
    const losses = SEEDS.map((seed) => lossOf(percent, seed));

    const stois = scoreApart([
      rateOf(heardWith(() => false, conceal)),
      ...losses.map((isLost) => rateOf(heardWith(isLost, conceal))),
      ...losses.map((isLost) => rateOf(heardWith(isLost, silence))),
    ]).map((it) => it.meanStoi);

    const lossless = stois[0] ?? 0;
    const concealed = meanOf(stois.slice(1, 1 + SEEDS.length));
    const silent = meanOf(stois.slice(1 + SEEDS.length));
    expect(concealed).toBeGreaterThan(silent + GAIN);
    expect(concealed).toBeLessThan(lossless);
  });

  it('are as loud as the last good one at first, then fade, and are silence after 300 ms', () => {
    const loud = loudest(frames.length);
    const decoder = aDecoder();
    const pcm = new Int16Array(samples);
    for (const frame of frames.slice(0, loud + 1)) decoder.play(frame, pcm, samples);
    const before = levelOf(pcm);

    const levels = Array.from({ length: LONGEST_GAP }, () => {
      decoder.conceal(pcm);
      return levelOf(pcm);
    });

    expect(Math.abs((levels[0] ?? 0) - before)).toBeLessThan(6);
    // 12 dB after 160 ms, and nothing anybody hears at the end.
    expect(levels[7]).toBeGreaterThan(before + 12);
    expect(levels.at(-1)).toBeGreaterThan(before + 40);
  });

  it('are those that came damaged, too (RFC 4867 §4.3.2)', () => {
    const isLost = lossOf(10, 1);
    const damaged = heardWith(isLost, (decoder, pcm, frame) =>
      decoder.play({ ...frame, isGood: false } as VoiceFrame, pcm, samples),
    );

    expect(damaged).toEqual(heardWith(isLost, conceal));
  });

  function loudest(upTo: number): number {
    const levels = Array.from({ length: upTo }, (_, at) =>
      levelOf(whole.subarray(at * samples, (at + 1) * samples)),
    );
    return levels.indexOf(Math.min(...levels));
  }
});

describe('MED-8: a lost frame of Opus', () => {
  it('is nearer to what was said by the redundancy of the next than by concealment', () => {
    const said = spoken(VOICES[0], RATE_HZ);
    const encoder = codecs.openEncoder({
      ...{ codec: 'opus', rateHz: RATE_HZ, withPauses: false },
      opus: {
        bitrate: 28_000,
        withRedundancy: true,
        isConstantRate: false,
        playbackRateHz: 48_000,
      },
    });
    const frames = Array.from({ length: Math.floor(said.length / FRAME) }, (_, at) =>
      encoder.encode(said.subarray(at * FRAME, (at + 1) * FRAME), 0).slice(),
    );
    const heardWith = (useNext: boolean): Int16Array => {
      const decoder = codecs.openDecoder('opus', RATE_HZ);
      const heard = new Int16Array(frames.length * FRAME);
      frames.forEach((frame, at) => {
        const pcm = heard.subarray(at * FRAME, (at + 1) * FRAME);
        if (at % 5 !== 3) decoder.decode(frame, pcm);
        else decoder.conceal(pcm, useNext ? frames[at + 1] : undefined);
      });
      return heard;
    };

    const [byNext, byItself] = scoreApart(
      [true, false].map((it) => ({ said, heard: heardWith(it), rateHz: RATE_HZ })),
    );

    expect(byNext?.stoi).toBeGreaterThan((byItself?.stoi ?? 1) + 0.02);
  });
});

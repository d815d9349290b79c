import { bothWaysMs } from '../support/speech/lag.ts';
import { GOOD_SPEECH, isGoodSpeech, type SpeechScore } from '../support/speech/score.ts';
import { scoreApart } from '../support/speech/score-apart.ts';
import { repeated, spoken, VOICES } from '../support/speech/voices.ts';
import {
  noiseLike,
  shiftedByOneBit,
  swapped,
  throughCodec,
} from '../support/speech/wrong-speech.ts';

const RATE_HZ = 16_000;
const FRAME = RATE_HZ / 50;
const MS = RATE_HZ / 1000;

const scoreOf = (said: Int16Array, heard: Int16Array): SpeechScore => {
  const [score] = scoreApart([{ said, heard, rateHz: RATE_HZ }]);
  if (!score) throw new Error('no score');
  return score;
};

const halfSilent = (pcm: Int16Array): Int16Array =>
  pcm.map((it, at) => (Math.floor(at / FRAME) % 2 === 0 ? it : 0));
const throughAmr = (pcm: Int16Array): Int16Array =>
  throughCodec('AMR-WB', { pcm, rateHz: RATE_HZ });

describe('MED-8: what is judged to be good speech', () => {
  it.each(VOICES)('is speech that went through AMR-WB at 12.65 kbit/s: $name', (voice) => {
    const said = spoken(voice, RATE_HZ);

    const score = scoreOf(said, throughAmr(said));

    expect(isGoodSpeech(score)).toBe(true);
    expect(score.stoi).toBeGreaterThan(0.93);
  });

  it.each([
    ['noise', noiseLike],
    ['speech of somebody else', () => spoken(VOICES[2], RATE_HZ)],
    ['frames swapped in pairs', (pcm: Int16Array) => swapped({ pcm, rateHz: RATE_HZ })],
    ['every second frame silent', halfSilent],
    [
      'AMR payloads shifted by one bit',
      (pcm: Int16Array) =>
        throughCodec('AMR-WB', { pcm, rateHz: RATE_HZ }, shiftedByOneBit('AMR-WB')),
    ],
    ['nothing', (pcm: Int16Array) => pcm.map(() => 0)],
  ])('is not %s', (_name, wrong) => {
    const said = spoken(VOICES[0], RATE_HZ);

    const score = scoreOf(said, wrong(said).subarray(0, said.length));

    expect(isGoodSpeech(score)).toBe(false);
    expect(score.stoi).toBeLessThan(0.8);
  });
});

describe('MED-8: the lag of speech', () => {
  const said = spoken(VOICES[0], RATE_HZ);
  const rounds = repeated(said, 3);
  const roundMs = said.length / MS;

  it('is seen from where it is first heard, at a steady pace, through a codec', () => {
    const from = 700 * MS;

    const score = scoreOf(said, throughAmr(rounds).subarray(from, from + 5 * RATE_HZ));

    // AMR-WB itself takes 5 ms, and what was heard began earlier by that.
    expect(score.startMs).toBeGreaterThan(690);
    expect(score.startMs).toBeLessThanOrEqual(700);
    expect(score.wanderMs).toBeLessThan(5);
  });

  it('is not steady where more and more is left out', () => {
    const third = said.length;
    const gap = GOOD_SPEECH.wanderMs * 3 * MS;
    const late = [0, 1, 2].map((at) => rounds.subarray(at * gap, at * gap + third));
    const heard = Int16Array.from(late.flatMap((it) => [...it]));

    expect(scoreOf(said, heard).wanderMs).toBeGreaterThan(GOOD_SPEECH.wanderMs);
  });

  it.each([
    ['noise', noiseLike(rounds)],
    ['speech of somebody else', repeated(spoken(VOICES[2], RATE_HZ), 3)],
  ])('is that of no %s: it fits here and there', (_name, heard) => {
    const { wanderMs } = scoreOf(said, heard.subarray(0, 5 * RATE_HZ));

    expect(wanderMs).toBeGreaterThan(GOOD_SPEECH.wanderMs);
  });

  it.each([0, 700, 3900])(
    'is told both ways together, though one side began to record %i ms later',
    (laterMs) => {
      const [there, back] = [180, 240];
      const [browserFrom, phoneFrom] = [1000, 2500];

      const lagMs = bothWaysMs(
        { roundMs, saidFromMs: browserFrom, heardFromMs: phoneFrom - laterMs - back },
        { roundMs, saidFromMs: phoneFrom, heardFromMs: browserFrom + laterMs - there },
        4000,
      );

      expect(lagMs).toBeCloseTo(there + back, 6);
    },
  );
});

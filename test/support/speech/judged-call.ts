import type { VoiceCodecName } from '../../../media-node/src/ports/voice-codecs.ts';
import { bothWaysMs, type SideInTime } from './lag.ts';
import { GOOD_SPEECH, type ScoreCase, type SpeechScore } from './score.ts';
import { scoreApart } from './score-apart.ts';
import { noiseLike, shiftedByOneBit, swapped, throughCodec } from './wrong-speech.ts';

export type Side = 'browser' | 'phone';
type OfSides<T> = Readonly<Record<Side, T>>;

/** The last seconds of a call, at each side's mouth and ear at once. */
export interface RecordedCall {
  readonly codec: VoiceCodecName;
  readonly rateHz: number;
  /** What each side says over and over. */
  readonly texts: OfSides<Int16Array>;
  readonly said: OfSides<Int16Array>;
  readonly heard: OfSides<Int16Array>;
}

const WRONG = ['noise', 'other speech', 'a bit shifted', 'frames swapped'] as const;
export type Wrong = (typeof WRONG)[number];

/** One way through a call, and what would be heard of it where it went wrong. */
export interface JudgedWay {
  readonly by: Side;
  readonly score: SpeechScore;
  readonly wrong: Readonly<Record<Wrong, SpeechScore>>;
}

/** The recordings of the phone may end so much later than those of the browser. */
const LATER_MS = 4000;
const OTHER: OfSides<Side> = { browser: 'phone', phone: 'browser' };

/** Each way by itself, with its wrong sounds made of the very recording; and both ways in time. */
export function judgeCall(call: RecordedCall): {
  readonly ways: readonly JudgedWay[];
  readonly lagMs: number;
} {
  const sides = ['browser', 'phone'] as const;
  const scores = scoreApart(sides.flatMap((by) => casesOf(call, by)));
  const [ofBrowser, ofPhone] = sides.map((_, at) => {
    const [score, mouth, ...rest] = scores.slice(at * CASES, (at + 1) * CASES);
    if (!(score && mouth)) throw new Error('no score');
    return { score, mouth, rest };
  });
  if (!(ofBrowser && ofPhone)) throw new Error('no score');
  const wayOf = (by: Side, { score, rest }: typeof ofBrowser): JudgedWay => ({
    ...{ by, score },
    wrong: Object.fromEntries(WRONG.map((name, at) => [name, rest[at]])) as JudgedWay['wrong'],
  });
  const timeOf = (by: Side, own: typeof ofBrowser, other: typeof ofBrowser): SideInTime => ({
    roundMs: (call.texts[by].length * 1000) / call.rateHz,
    saidFromMs: own.mouth.startMs,
    heardFromMs: other.score.startMs,
  });
  return {
    ways: [wayOf('browser', ofBrowser), wayOf('phone', ofPhone)],
    lagMs: bothWaysMs(
      timeOf('browser', ofBrowser, ofPhone),
      timeOf('phone', ofPhone, ofBrowser),
      LATER_MS,
    ),
  };
}

const CASES = 2 + WRONG.length;

/** What is heard, what was said, and the wrong sounds in their order. */
function casesOf(call: RecordedCall, by: Side): readonly ScoreCase[] {
  const { codec, rateHz, texts } = call;
  const [said, pcm] = [texts[by], call.heard[OTHER[by]]];
  const sounds: readonly Int16Array[] = [
    ...[pcm, call.said[by]],
    noiseLike(pcm),
    call.said[OTHER[by]],
    throughCodec(codec, { pcm, rateHz }, shiftedByOneBit(codec)),
    swapped({ pcm, rateHz }),
  ];
  return sounds.map((heard) => ({ said, heard, rateHz }));
}

/** By how much a wrong sound is below what is good. */
export const marginOf = ({ stoi }: SpeechScore): number => GOOD_SPEECH.stoi - stoi;

/** A row of figures, the worst first of what is wrong. */
export function figuresOf({ by, score, wrong }: JudgedWay): string {
  const own = `STOI ${score.stoi.toFixed(3)}, ${score.distanceDb.toFixed(1)} dB`;
  const margins = WRONG.map((name) => `${name} ${marginOf(wrong[name]).toFixed(2)}`);
  const steady = `steady to ${score.wanderMs.toFixed(0)} ms`;
  const astray = [wrong.noise, wrong['other speech']].map((it) => it.wanderMs.toFixed(0));
  return [
    `  by the ${by}: ${own}, ${steady}`,
    `    below the bar: ${margins.join(', ')}; astray by ${astray.join(' and ')} ms`,
  ].join('\n');
}

import { createVoiceCodecs } from '../../media-node/src/adapters/codecs/create-voice-codecs.ts';
import { VoiceCrossing } from '../../media-node/src/core/voice/voice-crossing.ts';
import { LEGS, planOf } from '../support/a-voice-leg.ts';
import { seeded } from '../support/impairment.ts';
import { FarEar } from '../support/speech/far-ear.ts';
import { packetsOf } from '../support/speech/packets-of.ts';
import { scoreApart } from '../support/speech/score-apart.ts';
import { repeated, spoken, VOICES } from '../support/speech/voices.ts';

const codecs = createVoiceCodecs();
const FORMAT = 'max-red=80';
const LOST_SHARE = 0.1;
/** Which packets are lost: one fate may hit vowels, another pauses. */
const SEEDS = [1, 2];
const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, it) => sum + it, 0) / values.length;

describe.each([
  { codec: 'AMR-WB', rateHz: 16_000 },
  { codec: 'AMR', rateHz: 8000 },
] as const)('MED-8: $codec on its way to a phone that loses a tenth of it', ({ codec, rateHz }) => {
  const leg = { ...LEGS[codec], arrivingFormat: FORMAT, leavingFormat: FORMAT };
  const samples = rateHz / 50;
  const said = spoken(VOICES[0], rateHz);
  const whole = repeated(said, 2);
  const packets = packetsOf(LEGS.opus, whole, { codecs, rateHz });

  /** Opus in, out of a node that is told of the loss or not, over the way that loses, into a phone. */
  function heardBy(seed: number, toldShare: number) {
    const random = seeded(seed);
    const crossing = new VoiceCrossing(planOf(leg), codecs, 1);
    const ear = new FarEar(leg, codecs, rateHz);
    const heard = new Int16Array(whole.length);
    crossing.hearOfLoss('ims', toldShare);
    packets.forEach((packet, turn) => {
      const nowMs = turn * 20;
      crossing.take('browser', packet, nowMs);
      for (const left of crossing.turn(nowMs + 3)) {
        if (random() >= LOST_SHARE) ear.take(left.packet, nowMs + 3);
      }
      ear.hear(heard.subarray(turn * samples, (turn + 1) * samples), nowMs + 5);
    });
    return { heard, lost: ear.counts.lost };
  }

  it('is heard with fewer gaps, and better, by being sent twice', () => {
    const once = SEEDS.map((seed) => heardBy(seed, 0));
    const twice = SEEDS.map((seed) => heardBy(seed, LOST_SHARE));

    const stois = scoreApart([...once, ...twice].map(({ heard }) => ({ said, heard, rateHz }))).map(
      (it) => it.meanStoi,
    );

    const lost = (of: typeof once): number => meanOf(of.map((it) => it.lost));
    expect(lost(once)).toBeGreaterThan((packets.length * LOST_SHARE) / 2);
    expect(lost(twice)).toBeLessThan(lost(once) / 4);
    const [onceStoi, twiceStoi] = [stois.slice(0, SEEDS.length), stois.slice(SEEDS.length)];
    expect(meanOf(twiceStoi)).toBeGreaterThan(meanOf(onceStoi) + 0.01);
  });
});

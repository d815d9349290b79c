import { createVoiceCodecs } from '../../media-node/src/adapters/codecs/create-voice-codecs.ts';
import { amrFrameOf } from '../../media-node/src/core/voice/amr-frame.ts';
import { copyBits } from '../../media-node/src/core/voice/copy-bits.ts';
import { isGoodSpeech, type SpeechScore } from '../support/speech/score.ts';
import { scoreApart } from '../support/speech/score-apart.ts';
import { spoken, VOICES } from '../support/speech/voices.ts';

const RATE_HZ = 16_000;
const FRAME = RATE_HZ / 50;
const MODE = 2;

type Change = (frame: Uint8Array) => Uint8Array;

/** Through AMR-WB and back, whatever becomes of the frames between. */
function throughAmr(pcm: Int16Array, change: Change = (frame) => frame): Int16Array {
  const codecs = createVoiceCodecs();
  const encoder = codecs.openEncoder({ codec: 'AMR-WB', rateHz: RATE_HZ, withPauses: false });
  const decoder = codecs.openDecoder('AMR-WB', RATE_HZ);
  const heard = new Int16Array(pcm.length);
  for (let at = 0; at + FRAME <= pcm.length; at += FRAME) {
    const frame = change(encoder.encode(pcm.subarray(at, at + FRAME), MODE).slice());
    decoder.decode(frame, heard.subarray(at, at + FRAME));
  }
  return heard;
}

/** As a reader of the wrong framing would have it. */
const shiftedByOneBit: Change = (frame) => {
  const { octets } = amrFrameOf(frame);
  const shifted = new Uint8Array(octets.length);
  shifted[0] = octets[0] ?? 0;
  copyBits({ from: octets, fromBit: 9, to: shifted, toBit: 8, bits: (octets.length - 1) * 8 - 1 });
  return shifted;
};

function swapped(pcm: Int16Array): Int16Array {
  const other = pcm.slice();
  for (let at = 0; at + 2 * FRAME <= pcm.length; at += 2 * FRAME) {
    other.set(pcm.subarray(at + FRAME, at + 2 * FRAME), at);
    other.set(pcm.subarray(at, at + FRAME), at + FRAME);
  }
  return other;
}

const scoreOf = (said: Int16Array, heard: Int16Array): SpeechScore => {
  const [score] = scoreApart([{ said, heard, rateHz: RATE_HZ }]);
  if (!score) throw new Error('no score');
  return score;
};

const noise = (pcm: Int16Array): Int16Array =>
  pcm.map((_, at) => ((Math.imul(at + 1, 2_654_435_761) >>> 16) % 16_000) - 8000);
const halfSilent = (pcm: Int16Array): Int16Array =>
  pcm.map((it, at) => (Math.floor(at / FRAME) % 2 === 0 ? it : 0));

describe('MED-8: what is judged to be good speech', () => {
  it.each(VOICES)('is speech that went through AMR-WB at 12.65 kbit/s: $name', (voice) => {
    const said = spoken(voice, RATE_HZ);

    const score = scoreOf(said, throughAmr(said));

    expect(isGoodSpeech(score)).toBe(true);
    expect(score.stoi).toBeGreaterThan(0.93);
  });

  it.each([
    ['noise', noise],
    ['speech of somebody else', () => spoken(VOICES[2], RATE_HZ)],
    ['frames swapped in pairs', swapped],
    ['every second frame silent', halfSilent],
    ['AMR payloads shifted by one bit', (pcm: Int16Array) => throughAmr(pcm, shiftedByOneBit)],
    ['nothing', (pcm: Int16Array) => pcm.map(() => 0)],
  ])('is not %s', (_name, wrong) => {
    const said = spoken(VOICES[0], RATE_HZ);

    const score = scoreOf(said, wrong(said).subarray(0, said.length));

    expect(isGoodSpeech(score)).toBe(false);
    expect(score.stoi).toBeLessThan(0.8);
  });
});

describe('MED-8: a lost frame of Opus', () => {
  it('is nearer to what was said by the redundancy of the next than by concealment', () => {
    const codecs = createVoiceCodecs();
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

    const [byNext, byItself] = [true, false].map((it) => scoreOf(said, heardWith(it)));

    expect(byNext?.stoi).toBeGreaterThan((byItself?.stoi ?? 1) + 0.02);
  });
});

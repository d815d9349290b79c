import type { Tone, Tones } from '../../ports/tones.ts';
import type { Player, SpeakerSlot } from './speaker-slot.ts';

interface Cadence {
  readonly frequenciesHz: readonly number[];
  readonly onS: number;
  readonly periodS: number;
}

/** Ring-back of most of Europe (ITU-T E.180 Supplement 2), and a softer bell for the called side. */
const CADENCES: Readonly<Record<Exclude<Tone, 'none'>, Cadence>> = {
  ringback: { frequenciesHz: [425], onS: 1, periodS: 5 },
  ringing: { frequenciesHz: [660, 880], onS: 1.2, periodS: 3 },
  waiting: { frequenciesHz: [425], onS: 0.2, periodS: 4 },
  held: { frequenciesHz: [425], onS: 0.3, periodS: 10 },
};
const VOLUME = 0.06;
const RAMP_S = 0.02;
/** What is held may be held for long; an oscillator costs nothing meanwhile. */
const LONGEST_S = 1_800;

export function createBrowserTones(speaker: SpeakerSlot): Tones {
  let context: AudioContext | undefined;
  let leaveSpeaker = (): void => undefined;
  let playing: Tone = 'none';
  return {
    play(tone) {
      if (tone === playing) return;
      playing = tone;
      // What has no context any more is silent at once, whatever was scheduled.
      void context?.close();
      leaveSpeaker();
      context = tone === 'none' ? undefined : start(CADENCES[tone]);
      if (context) leaveSpeaker = speaker.drive(context as Player);
    },
  };
}

function start({ frequenciesHz, onS, periodS }: Cadence): AudioContext {
  const context = new AudioContext();
  const gain = context.createGain();
  gain.gain.value = 0;
  gain.connect(context.destination);
  for (let atS = 0.05; atS < LONGEST_S; atS += periodS) {
    gain.gain.setTargetAtTime(VOLUME, atS, RAMP_S);
    gain.gain.setTargetAtTime(0, atS + onS, RAMP_S);
  }
  for (const frequencyHz of frequenciesHz) {
    const oscillator = context.createOscillator();
    oscillator.frequency.value = frequencyHz;
    oscillator.connect(gain);
    oscillator.start();
  }
  return context;
}

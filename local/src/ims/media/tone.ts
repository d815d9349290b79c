export interface Tone {
  readonly frequencyHz: number;
  /** Sounds for `onMs`, rests for `offMs`, and so on; without it the tone is continuous. */
  readonly cadence?: { readonly onMs: number; readonly offMs: number };
}

export const TEST_TONE: Tone = { frequencyHz: 440 };
/** The ringing tone of Spain (ITU-T E.180): as long as any, so that it is met by who comes late. */
export const RINGING_TONE: Tone = { frequencyHz: 425, cadence: { onMs: 1_500, offMs: 3_000 } };

const AMPLITUDE = 10_000;
const SAMPLE_RATE_HZ = 8_000;

/** The samples from `start` on; phase follows from the position, so frames join without a click. */
export function toneSamples(tone: Tone, start: number, count: number): Int16Array {
  return Int16Array.from({ length: count }, (_, at) => {
    const position = start + at;
    if (!isSounding(tone, (position * 1_000) / SAMPLE_RATE_HZ)) return 0;
    return AMPLITUDE * Math.sin((2 * Math.PI * tone.frequencyHz * position) / SAMPLE_RATE_HZ);
  });
}

function isSounding({ cadence }: Tone, atMs: number): boolean {
  return cadence === undefined || atMs % (cadence.onMs + cadence.offMs) < cadence.onMs;
}

export type Tone = 'none' | 'ringback' | 'ringing';

/** What the user hears of a call that has no audio of its own yet. */
export interface Tones {
  play(tone: Tone): void;
}

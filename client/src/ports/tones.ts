/** `waiting`: another call rings behind the one that is on; `held`: the other side holds. */
export type Tone = 'none' | 'ringback' | 'ringing' | 'waiting' | 'held';

/** What the user hears of a call that has no audio of its own yet. */
export interface Tones {
  play(tone: Tone): void;
}

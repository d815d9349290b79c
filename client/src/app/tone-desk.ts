import type { Tone, Tones } from '../ports/tones.ts';

/** First in the list wins: there is one loudspeaker for all calls. */
const PRIORITY: readonly Tone[] = ['ringing', 'ringback', 'held'];

/** The tones of several calls at once, each call minding its own. */
export class ToneDesk {
  readonly #tones: Tones;
  readonly #isTalking: () => boolean;
  readonly #wanted = new Map<string, Tone>();
  #playing: Tone = 'none';

  constructor(tones: Tones, isTalking: () => boolean) {
    this.#tones = tones;
    this.#isTalking = isTalking;
  }

  of(callId: string): Tones {
    return {
      play: (tone) => {
        if (tone === 'none') this.#wanted.delete(callId);
        else this.#wanted.set(callId, tone);
        this.#play();
      },
    };
  }

  /** A call began or ended, which may change what the others play. */
  review(): void {
    if (this.#due !== this.#playing) this.#play();
  }

  #play(): void {
    this.#playing = this.#due;
    this.#tones.play(this.#playing);
  }

  /** Whoever rings waits behind a call that is on, and not so loudly. */
  get #due(): Tone {
    const wanted = [...this.#wanted.values()];
    const tone = PRIORITY.find((it) => wanted.includes(it)) ?? 'none';
    return tone === 'ringing' && this.#isTalking() ? 'waiting' : tone;
  }
}

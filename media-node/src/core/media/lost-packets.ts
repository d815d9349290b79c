import type { RtpHeader } from './rtp-packet.ts';

/** A packet that is late by less may still come by itself. */
const REORDER_MS = 15;
/** Until what was asked for should have come: the round trip of a mobile network. */
const AGAIN_MS = 80;
const MAX_TRIES = 4;
/** A picture takes its time, and the next one costs as much. */
const PICTURE_MS = 500;
/** More at once are not mended packet by packet. */
const MAX_MISSING = 64;

interface Missing {
  readonly tries: number;
  readonly dueMs: number;
}

/** What is to be asked of a source now. */
export interface Wanted {
  readonly sequences: readonly number[];
  /** Something never came: what is decoded without it is broken until a whole picture comes. */
  readonly picture: boolean;
}

const NOTHING: Wanted = { sequences: [], picture: false };
const wrap16 = (value: number): number => ((value % 0x1_0000) + 0x1_0000) % 0x1_0000;

/** Packets of one source that have not come: asked for again, and given up in the end. */
export class LostPackets {
  readonly #missing = new Map<number, Missing>();
  #ssrc: number | undefined;
  #highest = 0;
  #isBroken = false;
  #nextPictureMs = 0;

  received({ ssrc, sequence }: RtpHeader, nowMs: number): void {
    if (this.#ssrc !== ssrc) {
      this.#begin(ssrc, sequence);
      return;
    }
    const ahead = wrap16(sequence - this.#highest);
    if (ahead === 0 || ahead >= 0x8000) {
      this.#missing.delete(sequence);
      return;
    }
    const isMendable = ahead + this.#missing.size <= MAX_MISSING;
    for (let step = 1; isMendable && step < ahead; step += 1) {
      const due = { tries: 0, dueMs: nowMs + REORDER_MS };
      this.#missing.set(wrap16(this.#highest + step), due);
    }
    if (!isMendable) this.#giveUp();
    this.#highest = sequence;
  }

  /** Asked for from now on; each comes up again until it has come, or was asked for too often. */
  wanted(nowMs: number): Wanted {
    if (this.#missing.size === 0 && !this.#isBroken) return NOTHING;
    const due = [...this.#missing].filter(([, it]) => it.dueMs <= nowMs);
    for (const [sequence, { tries }] of due) {
      if (tries === MAX_TRIES) {
        this.#missing.delete(sequence);
        this.#isBroken = true;
      } else this.#missing.set(sequence, { tries: tries + 1, dueMs: nowMs + AGAIN_MS });
    }
    const sequences = due.flatMap(([sequence, it]) => (it.tries < MAX_TRIES ? [sequence] : []));
    return { sequences, picture: this.#wantsPicture(nowMs) };
  }

  /** What comes from now on is judged anew. */
  forget(): void {
    this.#ssrc = undefined;
  }

  #wantsPicture(nowMs: number): boolean {
    if (!this.#isBroken || nowMs < this.#nextPictureMs) return false;
    this.#isBroken = false;
    this.#nextPictureMs = nowMs + PICTURE_MS;
    return true;
  }

  #begin(ssrc: number, sequence: number): void {
    this.#missing.clear();
    this.#isBroken = false;
    this.#ssrc = ssrc;
    this.#highest = sequence;
  }

  #giveUp(): void {
    this.#missing.clear();
    this.#isBroken = true;
  }
}

import { payloadOf, type RtpHeader, readRtpHeader } from './rtp-packet.ts';

export interface Digit {
  /** `0` to `9`, `*`, `#`, `A` to `D`. */
  readonly digit: string;
  readonly durationMs: number;
}

interface Open {
  readonly digit: string;
  readonly timestamp: number;
  readonly clockRateHz: number;
  /** Of its segments before this one (RFC 4733 §2.5.1.3). */
  readonly ticksBefore: number;
  readonly ticks: number;
}

const DIGITS = '0123456789*#ABCD';
const END = 0x80;
/** A segment ends where its duration field does. */
const LONGEST_SEGMENT = 0xffff;
/** So many packets of voice behind an event say that its end was lost. */
const VOICE_AFTER_END = 3;
/** Nobody presses more keys than this at once; over time one every 40 ms (ITU-T Q.24). */
const BURST = 16;
const REFILL_MS = 40;

const sinceTicks = (later: number, earlier: number): number => (later - earlier) | 0;

/** Hears the digits in one stream of RTP, each once, however often its end is repeated. */
export class DigitReader {
  #clocks: ReadonlyMap<number, number> = new Map();
  #open: Open | undefined;
  #last: { readonly ssrc: number; readonly timestamp: number } | undefined;
  #voice = 0;
  #tokens = BURST;
  #filledAtMs = 0;

  /** Payload types of telephone-event, and at which rate their timestamps count. */
  setEvents(clocks: ReadonlyMap<number, number>): void {
    this.#clocks = clocks;
  }

  read(packet: Uint8Array, nowMs: number): Digit | undefined {
    if (this.#clocks.size === 0) return undefined;
    const header = readRtpHeader(packet);
    if (!header) return undefined;
    const clockRateHz = this.#clocks.get(header.payloadType);
    const digit =
      clockRateHz === undefined
        ? this.#heardVoice()
        : this.#heardEvent(header, payloadOf(packet, header), clockRateHz);
    return digit && this.#isBearable(nowMs) ? digit : undefined;
  }

  #heardEvent(
    { ssrc, timestamp }: RtpHeader,
    payload: Uint8Array | undefined,
    clockRateHz: number,
  ): Digit | undefined {
    const [code = 255, flags = 0, high = 0, low = 0] = payload ?? [];
    const digit = DIGITS[code];
    if (payload === undefined || payload.length < 4 || digit === undefined) return undefined;
    if (this.#last?.ssrc !== ssrc) this.#last = undefined;
    // The end comes three times, and packets may overtake one another (RFC 4733 §2.5.1.4).
    if (this.#last && sinceTicks(timestamp, this.#last.timestamp) <= 0) return undefined;
    this.#voice = 0;
    const before = this.#begin({ digit, timestamp, clockRateHz });
    this.#lengthen(high * 256 + low);
    if ((flags & END) === 0) return before;
    this.#last = { ssrc, timestamp };
    return this.#close();
  }

  #lengthen(ticks: number): void {
    const open = this.#open;
    if (open) this.#open = { ...open, ticks: Math.max(open.ticks, ticks) };
  }

  /** What an event before this one was, where its end never came. */
  #begin(next: Pick<Open, 'digit' | 'timestamp' | 'clockRateHz'>): Digit | undefined {
    const open = this.#open;
    if (open?.timestamp === next.timestamp) return undefined;
    const goesOn =
      open?.digit === next.digit && sinceTicks(next.timestamp, open.timestamp) === LONGEST_SEGMENT;
    const ticksBefore = goesOn ? open.ticksBefore + LONGEST_SEGMENT : 0;
    const before = goesOn ? undefined : this.#close();
    this.#open = { ...next, ticksBefore, ticks: 0 };
    return before;
  }

  #heardVoice(): Digit | undefined {
    if (!this.#open) return undefined;
    this.#voice += 1;
    if (this.#voice < VOICE_AFTER_END) return undefined;
    if (this.#last) this.#last = { ...this.#last, timestamp: this.#open.timestamp };
    return this.#close();
  }

  #close(): Digit | undefined {
    const open = this.#open;
    this.#open = undefined;
    if (!open) return undefined;
    const ticks = open.ticksBefore + open.ticks;
    return { digit: open.digit, durationMs: Math.round((ticks * 1000) / open.clockRateHz) };
  }

  #isBearable(nowMs: number): boolean {
    const refilled = Math.floor((nowMs - this.#filledAtMs) / REFILL_MS);
    if (refilled > 0) {
      this.#tokens = Math.min(BURST, this.#tokens + refilled);
      this.#filledAtMs = nowMs;
    }
    if (this.#tokens === 0) return false;
    this.#tokens -= 1;
    return true;
  }
}

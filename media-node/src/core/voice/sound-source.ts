import type { Playout, SpokenModes } from '../../ports/media-stats.ts';
import type { VoiceLeg } from '../../ports/transcoder.ts';
import type { RtpHeader } from '../media/rtp-packet.ts';
import { amrFrameOf } from './amr-frame.ts';
import { levelOf } from './comfort-noise.ts';
import type { ConcealingDecoder } from './concealing-decoder.ts';
import {
  type JitterCounts,
  type JitterState,
  newJitterBuffer,
  type PlayoutDecision,
  stepJitterBuffer,
} from './jitter-buffer.ts';
import { ModeTally } from './mode-tally.ts';
import { targetDelayMs } from './playout-delay.ts';
import { amrBandOf, type VoiceFrame, type VoicePayload } from './voice-frame.ts';

/** The longest Opus packet, and a frame that is still to be fetched. */
const MAX_HELD_MS = 160;
/** A frame at this level or below is heard as silence: 50 dB under overload. */
const QUIET_DB = 50;
/** 10 ms frames need two turns for 20 ms, 2.5 ms frames eight. */
const MAX_TURNS = 8;

const NO_SOUND: VoicePayload = { frames: [], modeRequest: 15 };

/** What one leg says, 20 ms at a time, whenever its packets come. */
export class SoundSource {
  readonly #leg: VoiceLeg;
  readonly #rateHz: number;
  readonly #decoder: ConcealingDecoder;
  readonly #sound: Int16Array;
  readonly #tally: ModeTally | undefined;
  #filled = 0;
  #jitter: JitterState<VoiceFrame>;
  #ssrc: number | undefined;
  #isQuiet = true;

  constructor(leg: VoiceLeg, decoder: ConcealingDecoder, rateHz: number) {
    this.#leg = leg;
    this.#rateHz = rateHz;
    this.#decoder = decoder;
    this.#sound = new Int16Array((rateHz * MAX_HELD_MS) / 1000);
    this.#jitter = newJitterBuffer(leg.clockRateHz);
    const band = amrBandOf(leg.codec);
    this.#tally = band && new ModeTally(band);
  }

  get counts(): JitterCounts {
    return this.#jitter.counts;
  }

  /** Absent of a codec that has none, and before speech. */
  get modes(): SpokenModes | undefined {
    return this.#tally?.modes;
  }

  get playout(): Playout {
    const { counts, delay } = this.#jitter;
    const { late, lost: concealed } = counts;
    return { late, concealed, ...(delay && { delayMs: targetDelayMs(delay) }) };
  }

  push(header: RtpHeader, payload: VoicePayload, nowMs: number): void {
    if (this.#ssrc !== header.ssrc) {
      this.#ssrc = header.ssrc;
      this.#jitter = { ...newJitterBuffer<VoiceFrame>(this.#leg.clockRateHz), counts: this.counts };
    }
    const { sequence, timestamp } = header;
    const { frames } = payload;
    for (const { frame } of frames) {
      if (frame.kind === 'coded') this.#tally?.count(amrFrameOf(frame.octets).frameType);
    }
    const event = { kind: 'arrived', sequence, timestamp, nowMs, frames } as const;
    this.#jitter = stepJitterBuffer(this.#jitter, event).state;
  }

  /** A packet of the stream that is not sound; its number is not missing then. */
  pass(header: RtpHeader, nowMs: number): void {
    this.push(header, NO_SOUND, nowMs);
  }

  /** The next 20 ms into `pcm`; false: there is no sound, and no silence either. */
  pull(pcm: Int16Array, nowMs: number): boolean {
    for (let turn = 0; turn < MAX_TURNS && this.#filled < pcm.length; turn += 1) {
      const event = { kind: 'due', nowMs, isQuiet: this.#isQuiet } as const;
      const { state, decision } = stepJitterBuffer(this.#jitter, event);
      this.#jitter = state;
      if (decision.kind === 'nothing' && this.#filled === 0) return false;
      this.#filled += this.#render(decision);
    }
    pcm.set(this.#sound.subarray(0, pcm.length));
    this.#sound.copyWithin(0, pcm.length, Math.max(this.#filled, pcm.length));
    this.#filled = Math.max(0, this.#filled - pcm.length);
    this.#isQuiet = levelOf(pcm) >= QUIET_DB;
    return true;
  }

  /** Samples put behind those that are held. */
  #render(decision: PlayoutDecision<VoiceFrame>): number {
    const frameSamples = this.#rateHz / 50;
    const room = this.#sound.subarray(this.#filled);
    if (decision.kind === 'play') {
      return this.#decoder.play(decision.frame, room, Math.min(frameSamples, room.length));
    }
    if (decision.kind === 'conceal') {
      const samples = Math.round((decision.ticks * this.#rateHz) / this.#leg.clockRateHz);
      return this.#decoder.conceal(room.subarray(0, samples), decision.following);
    }
    const pcm = room.subarray(0, frameSamples);
    if (decision.kind === 'comfort') return this.#decoder.comfort(pcm);
    pcm.fill(0);
    return pcm.length;
  }

  close(): void {
    this.#decoder.close();
  }
}

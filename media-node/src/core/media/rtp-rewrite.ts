import { carriedExtension, type ExtensionIds } from './rtp-extension.ts';
import { payloadOf, type RtpHeader, readRtpHeader, writeRtp } from './rtp-packet.ts';

/** What one direction needs to know to send a stream on under its own numbers. */
export interface RewriteTarget {
  readonly ssrc: number;
  /** Drawn at random per stream (RFC 3550 §5.1). */
  readonly firstSequence: number;
  readonly firstTimestamp: number;
  /** How far behind a packet may be that is still of the same source. */
  readonly maxMisorder?: number;
  /** 8000 where absent. */
  readonly clockRateHz?: number;
}

/** How a packet is to go on. */
export interface Passing {
  readonly nowMs: number;
  readonly payloadTypes: ReadonlyMap<number, number>;
  readonly extension?: ExtensionIds;
}

export interface Rewritten {
  readonly packet: Uint8Array;
  readonly sequence: number;
  readonly timestamp: number;
  readonly payloadBytes: number;
}

interface Source {
  readonly ssrc: number;
  readonly sequenceOffset: number;
  readonly timestampOffset: number;
}

/** What was sent last of all, by its number. */
interface Newest {
  readonly sequence: number;
  readonly timestamp: number;
  /** Absent before anything was. */
  readonly atMs?: number;
}

/** The least between two sources: as if the first one's last packet had its usual length. */
const FRAME_MS = 20;
const MAX_DROPOUT = 3000;
const MAX_MISORDER = 100;
const wrap16 = (value: number): number => ((value % 0x1_0000) + 0x1_0000) % 0x1_0000;
const wrap32 = (value: number): number => value >>> 0;
const isAhead = (a: number, b: number): boolean => wrap16(a - b) < 0x8000;

/**
 * Sends one stream on under one SSRC whatever the source does: a changed source goes on with the
 * next number and at the time it is by then (MED-10), so that sender reports stay on one line. Gaps
 * stay gaps so that the far end can see the loss. What was kept back on purpose is no loss: sequence
 * numbers go on, and timestamps show the time it took.
 */
export class RtpRewriter {
  readonly #target: RewriteTarget;
  #source: Source | undefined;
  #highest: Newest;
  #clockRateHz: number;
  #isInterrupted = false;

  constructor(target: RewriteTarget) {
    this.#target = target;
    const { firstSequence, firstTimestamp, clockRateHz = 8000 } = target;
    this.#highest = { sequence: wrap16(firstSequence - 1), timestamp: firstTimestamp };
    this.#clockRateHz = clockRateHz;
  }

  /** What has passed until now counts by the clock of before (RFC 7160 §4.1). */
  setClockRate(hz: number, nowMs: number): void {
    if (hz === this.#clockRateHz) return;
    const { atMs, sequence } = this.#highest;
    if (atMs !== undefined) {
      this.#highest = { sequence, timestamp: this.#timestampAfter(nowMs - atMs), atMs: nowMs };
    }
    this.#clockRateHz = hz;
  }

  /** Who sends from now on is somebody else, even if he calls himself as the one before. */
  changeSource(): void {
    this.#source = undefined;
  }

  /** `undefined` for a payload type that was not negotiated, and for what is no RTP. */
  rewrite(packet: Uint8Array, { nowMs, payloadTypes, extension }: Passing): Rewritten | undefined {
    const header = readRtpHeader(packet);
    if (!header) return undefined;
    const payloadType = payloadTypes.get(header.payloadType);
    const payload = payloadOf(packet, header);
    if (payloadType === undefined || !payload) return undefined;
    const source = this.#sourceOf(header, nowMs);
    const sequence = wrap16(header.sequence + source.sequenceOffset);
    const timestamp = wrap32(header.timestamp + source.timestampOffset);
    if (isAhead(sequence, this.#highest.sequence)) {
      this.#highest = { sequence, timestamp, atMs: nowMs };
    }
    const { marker } = header;
    const { ssrc } = this.#target;
    const carried = extension && carriedExtension(packet, header, extension);
    return {
      packet: writeRtp({ marker, payloadType, sequence, timestamp, ssrc }, payload, carried),
      sequence,
      timestamp,
      payloadBytes: payload.length,
    };
  }

  /** The number its source gave to a packet of ours; `undefined` before there is a source. */
  sourceSequence(sequence: number): number | undefined {
    return this.#source && wrap16(sequence - this.#source.sequenceOffset);
  }

  /** Packets of the source are kept back from now on, until the next `rewrite`. */
  interrupt(): void {
    this.#isInterrupted = this.#source !== undefined;
  }

  /** Numbers out of all proportion are those of a source that began anew (RFC 3550 §A.1). */
  #hasRestarted({ sequence }: RtpHeader, { sequenceOffset }: Source): boolean {
    const { maxMisorder = MAX_MISORDER } = this.#target;
    const ahead = wrap16(sequence + sequenceOffset - this.#highest.sequence);
    return ahead > MAX_DROPOUT && ahead < 0x1_0000 - maxMisorder;
  }

  #timestampAfter(passedMs: number): number {
    return wrap32(this.#highest.timestamp + Math.floor((passedMs * this.#clockRateHz) / 1000));
  }

  /** Of a source that takes over. */
  #timestampAt(nowMs: number): number {
    const { atMs, timestamp } = this.#highest;
    return atMs === undefined ? timestamp : this.#timestampAfter(Math.max(FRAME_MS, nowMs - atMs));
  }

  #sourceOf(header: RtpHeader, nowMs: number): Source {
    const isSame = this.#source?.ssrc === header.ssrc && !this.#hasRestarted(header, this.#source);
    if (this.#source && isSame && !this.#isInterrupted) return this.#source;
    this.#isInterrupted = false;
    this.#source = {
      ssrc: header.ssrc,
      sequenceOffset: this.#highest.sequence + 1 - header.sequence,
      timestampOffset:
        this.#source && isSame
          ? this.#source.timestampOffset
          : this.#timestampAt(nowMs) - header.timestamp,
    };
    return this.#source;
  }
}

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

/** Distance of neighbouring packets when the source changes: 20 ms at 8 kHz. */
const STEP_TICKS = 160;
const MAX_DROPOUT = 3000;
const MAX_MISORDER = 100;
const wrap16 = (value: number): number => ((value % 0x1_0000) + 0x1_0000) % 0x1_0000;
const wrap32 = (value: number): number => value >>> 0;
const isAhead = (a: number, b: number): boolean => wrap16(a - b) < 0x8000;

/**
 * Sends one stream on under one SSRC whatever the source does: a changed source goes on where the
 * last one stopped (MED-10), gaps stay gaps so that the far end can see the loss. What was kept back
 * on purpose is no loss: sequence numbers go on, and timestamps show the time it took.
 */
export class RtpRewriter {
  readonly #target: RewriteTarget;
  #source: Source | undefined;
  #highest: { sequence: number; timestamp: number };
  #isInterrupted = false;

  constructor(target: RewriteTarget) {
    this.#target = target;
    const { firstSequence, firstTimestamp } = target;
    this.#highest = { sequence: wrap16(firstSequence - 1), timestamp: firstTimestamp - STEP_TICKS };
  }

  /** `undefined` for a payload type that was not negotiated, and for what is no RTP. */
  rewrite(
    packet: Uint8Array,
    payloadTypes: ReadonlyMap<number, number>,
    extension?: ExtensionIds,
  ): Rewritten | undefined {
    const header = readRtpHeader(packet);
    if (!header) return undefined;
    const payloadType = payloadTypes.get(header.payloadType);
    const payload = payloadOf(packet, header);
    if (payloadType === undefined || !payload) return undefined;
    const source = this.#sourceOf(header);
    const sequence = wrap16(header.sequence + source.sequenceOffset);
    const timestamp = wrap32(header.timestamp + source.timestampOffset);
    if (isAhead(sequence, this.#highest.sequence)) this.#highest = { sequence, timestamp };
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

  #sourceOf(header: RtpHeader): Source {
    const isSame = this.#source?.ssrc === header.ssrc && !this.#hasRestarted(header, this.#source);
    if (this.#source && isSame && !this.#isInterrupted) return this.#source;
    this.#isInterrupted = false;
    this.#source = {
      ssrc: header.ssrc,
      sequenceOffset: this.#highest.sequence + 1 - header.sequence,
      timestampOffset:
        this.#source && isSame
          ? this.#source.timestampOffset
          : this.#highest.timestamp + STEP_TICKS - header.timestamp,
    };
    return this.#source;
  }
}

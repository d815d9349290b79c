import type { LegName } from './media-plane.ts';
import type { Playout } from './media-stats.ts';
import type { VoiceCodecName } from './voice-codecs.ts';

/** How the far side wants its frames of 20 ms. */
export interface Packing {
  readonly framesPerPacket: number;
  /** The most it takes (`maxptime`); absent: it sets no bound. */
  readonly mostFrames?: number;
}

/** One leg of a transcoded call: what it sends us, and what it wants to be sent. */
export interface VoiceLeg extends Packing {
  readonly codec: VoiceCodecName;
  readonly clockRateHz: number;
  /** Payload type of what arrives, by our own description. */
  readonly arriving: number;
  /** Payload type of what we send, by theirs. */
  readonly leaving: number;
  /** Format parameters of our description: how what arrives is framed. */
  readonly arrivingFormat?: string;
  /** Of theirs: how they want it. */
  readonly leavingFormat?: string;
  readonly events?: PayloadPair;
  /** It has no events, and is told of keys by their tones. */
  readonly hearsTones?: boolean;
  /** Comfort noise of RFC 3389. */
  readonly noise?: PayloadPair;
}

export interface PayloadPair {
  readonly arriving: number;
  readonly leaving: number;
  readonly clockRateHz: number;
}

export interface TranscodingPlan {
  readonly browser: VoiceLeg;
  readonly ims: VoiceLeg;
  /** At which the sound passes from codec to codec: 8000 or 16000. */
  readonly rateHz: number;
}

/** Of what comes from each leg. */
export type PlayoutOfLegs = Readonly<Record<LegName, Playout>>;

/** Where a transcoded call meets its media. */
export interface TranscodingEnds {
  leave(to: LegName, packet: Uint8Array): void;
  /** Which share of our packets that leg has lost of late, by its reports; asked about every second. */
  lostAt(leg: LegName): number | undefined;
}

export interface TranscodingSlot {
  /** As it was told last, about every second; absent before, and while nothing is transcoded. */
  readonly playout: PlayoutOfLegs | undefined;
  /** Begins, or goes on under another plan. Packets that leave are plain RTP. */
  start(plan: TranscodingPlan, ends: TranscodingEnds): void;
  /** Does nothing before `start`. */
  take(from: LegName, packet: Uint8Array): void;
  /** From leg to leg again; the slot stays. */
  stop(): void;
  release(): void;
}

export interface Transcoder {
  readonly codecs: ReadonlySet<VoiceCodecName>;
  /** Calls that have a place, and how many may. */
  readonly load: { readonly used: number; readonly capacity: number };
  /** `undefined`: as many calls are transcoded as this node may (OPS-4). */
  reserve(): TranscodingSlot | undefined;
  close(): Promise<void>;
}

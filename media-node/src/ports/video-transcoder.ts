import type { LegName } from './media-plane.ts';
import type { VideoCodecName } from './video-codecs.ts';

/** What a receiver can decode; of H.264 its level says it (ITU-T H.264 table A-1). */
export interface PictureLimits {
  readonly macroblocks: number;
  readonly macroblocksPerS: number;
  readonly bitsPerS: number;
  /** `level_idc`, of H.264. */
  readonly level?: number;
}

/** One leg of a call whose video is transcoded: what it sends us, and what it wants to be sent. */
export interface VideoLeg {
  readonly codec: VideoCodecName;
  /** Payload type of what arrives, by our own description. */
  readonly arriving: number;
  /** Payload type of what we send, by theirs. */
  readonly leaving: number;
  /** Of H.264 we send: 0: one unit a packet (RFC 6184 §6.2). */
  readonly packetizationMode: 0 | 1;
  /** Of H.264, in one word for all ways to write it: what has the same need not be decoded. */
  readonly profile?: string;
  readonly limits: PictureLimits;
  /** It may be asked for a whole picture. */
  readonly canBeAsked: boolean;
  /** Number of the orientation of the picture (3GPP TS 26.114 §7.4.5). */
  readonly orientation?: number;
  /** Of what arrives, where it was said in SDP: base64, by commas (RFC 6184 §8.1). */
  readonly parameterSets?: string;
}

export type VideoPlan = Readonly<Record<LegName, VideoLeg>>;

/** What the transcoder makes of a call. */
export interface VideoSink {
  /** Plain RTP, in the numbers of that leg. */
  leave(to: LegName, packet: Uint8Array): void;
  /** Its sender is to send a whole picture: what came before cannot be decoded. */
  askPicture(of: LegName): void;
  /** Its sender is to send these again, by its own numbers. */
  askAgain(of: LegName, sequences: readonly number[]): void;
}

export interface VideoTranscodingSlot {
  /** Begins, or goes on under another plan. */
  start(plan: VideoPlan, sink: VideoSink): void;
  /** Does nothing before `start`, nor does any of these. */
  take(from: LegName, packet: Uint8Array): void;
  /** That receiver wants a whole picture. */
  wantPicture(by: LegName): void;
  /** That receiver takes no more. */
  limit(by: LegName, bitsPerS: number): void;
  stop(): void;
  release(): void;
}

export interface VideoTranscoder {
  /** Both codecs are on this machine. */
  readonly isAvailable: boolean;
  /** Calls that have a place, and how many may. */
  readonly load: { readonly used: number; readonly capacity: number };
  /** `undefined`: as many calls are transcoded as this node may (OPS-4). */
  reserve(): VideoTranscodingSlot | undefined;
  close(): Promise<void>;
}

import type { VoipMetrics } from '../core/media/voip-metrics.ts';

export interface LegStats {
  readonly packetsReceived: number;
  readonly octetsReceived: number;
  readonly packetsSent: number;
  readonly octetsSent: number;
  readonly packetsDropped: number;
  /** Sent to us on this leg and never arrived, by their sequence numbers (RFC 3550 §A.3). */
  readonly packetsLost: number;
}

/** A leg of sound, besides: how it is received here, and at its other end. */
export interface VoiceLegStats extends LegStats {
  /** Compound packets of RTCP that were taken. */
  readonly reportsReceived: number;
  /** Of what arrives (RFC 3550 §A.8). */
  readonly jitterMs: number;
  /** Of what was due between our last two reports, from 0 to 1. */
  readonly recentLoss: number;
  /** By the last answer to a sender report of ours (RFC 3550 §6.4.1); absent before there is one. */
  readonly roundTripMs?: number;
  /** What the other end reports of what we send it; absent before it has. */
  readonly far?: FarReception;
  /** Where the call is transcoded: how what comes from there is evened out. */
  readonly playout?: Playout;
}

/** The jitter buffer before a decoder. */
export interface Playout {
  /** From the earliest arrival of a frame to its playing; absent before there was any. */
  readonly delayMs?: number;
  /** Packets that came when their time was over. */
  readonly late: number;
  /** Frames that were made up, for they did not come. */
  readonly concealed: number;
  /** Of AMR and AMR-WB: in which of their modes it speaks, and we to it; absent before speech. */
  readonly heardModes?: SpokenModes;
  readonly sentModes?: SpokenModes;
}

/** By the frame types of RFC 4867. */
export interface SpokenModes {
  readonly latest: number;
  /** How many frames of speech were of each. */
  readonly frames: readonly number[];
}

export interface FarReception {
  readonly packetsLost: number;
  readonly recentLoss: number;
  readonly jitterMs: number;
  /** What it has measured by itself; absent of one that does not tell (RFC 3611 §4.7). */
  readonly metrics?: VoipMetrics;
}

/** What was asked for: packets (NACK), and whole pictures (PLI, FIR). */
export interface Requests {
  readonly nacks: number;
  readonly pictures: number;
}

/** A leg of video, besides: what its two ends missed of each other. */
export interface VideoLegStats extends Omit<VoiceLegStats, 'playout'> {
  readonly requestsReceived: Requests;
  readonly requestsSent: Requests;
}

/** Both legs of a video stream. */
export interface VideoStats {
  readonly access: VideoLegStats;
  readonly ims: VideoLegStats;
}

export interface MediaStats {
  readonly access: VoiceLegStats;
  readonly ims: VoiceLegStats;
  /** Candidates refused by the address policy (SEC-3). */
  readonly candidatesRefused: number;
}

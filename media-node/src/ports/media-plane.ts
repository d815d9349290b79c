import type { CallId } from '@isthmus/shared/domain/ids';
import type { Fingerprints } from '../core/sdp/fingerprint.ts';
import type { MediaStats, VideoStats } from './media-stats.ts';

/** What one side's checks are asked by and proven with; an ICE restart changes both (RFC 8445 §9). */
export interface AccessNames {
  readonly usernameFragment: string;
  readonly password: string;
}

/** Our side of ICE and DTLS toward one browser; the node is always the DTLS server. */
export interface AccessParameters extends AccessNames {
  /** sha-256, upper-case hex with colons. */
  readonly fingerprint: string;
  /** `candidate:…` lines without `a=` (RFC 8839 §5.1). */
  readonly candidates: readonly string[];
  /** Checks are answered and none are sent: the browser controls (RFC 8445 §2.5). */
  readonly isLite?: boolean;
}

export interface RemoteAccessParameters extends AccessNames {
  readonly fingerprints: Fingerprints;
  /** The offerer controls (RFC 8445 §6.1.1): true where we offered. False where absent. */
  readonly weControl?: boolean;
}

export interface RtpEndpoint {
  readonly address: string;
  readonly rtpPort: number;
  readonly rtcpPort: number;
}

export type SrtpSuite =
  | 'AEAD_AES_256_GCM'
  | 'AEAD_AES_128_GCM'
  | 'AES_CM_128_HMAC_SHA1_80'
  | 'AES_CM_128_HMAC_SHA1_32';

/** Keys of the IMS leg: master key followed by its salt, of the length the suite wants (RFC 4568 §6.2). */
export interface ImsSrtp {
  readonly suite: SrtpSuite;
  /** What we protect with. */
  readonly local: Uint8Array;
  /** What the peer protects with. */
  readonly remote: Uint8Array;
}

export type DtlsRole = 'client' | 'server';

/** DTLS-SRTP of the IMS leg (RFC 5763): what the handshake has to prove, on RTP and on RTCP by itself. */
export interface ImsDtls {
  /** Ours: one of `MediaPlane.imsDtlsRoles`. */
  readonly role: DtlsRole;
  /** Of the certificates: the peer must have the key of one. */
  readonly fingerprints: Fingerprints;
  /** Another number is another association: its handshake is made anew (RFC 8842 §4). */
  readonly association: number;
}

/** Plain RTP where both are absent; where one is present, only what is authentic is heard. */
export interface ImsKeys {
  readonly srtp?: ImsSrtp;
  readonly dtls?: ImsDtls;
}

/**
 * The peer on the IMS leg. Where both ports are one, RTCP shares it both ways (RFC 5761). RTCP port 0:
 * there is none, neither way (RFC 3556 §2).
 */
export interface ImsRemote extends RtpEndpoint, ImsKeys {
  /**
   * By trunk policy: the first RTP and the first RTCP from the signalled network (IPv4 /24, IPv6
   * /64) say where the peer is, once. Otherwise only the signalled source is heard.
   */
  readonly learnsSource?: boolean;
}

/** How packets are rewritten between the legs: payload types by number. */
export interface StreamRewrite {
  readonly payloadToIms: ReadonlyMap<number, number>;
  readonly payloadToBrowser: ReadonlyMap<number, number>;
  /** RTP clock of the chosen codec (G.722 counts 8000, RFC 3551 §4.5.2); 8000 where absent. */
  readonly clockRateHz?: number;
  /** Payload types of telephone-event as they arrive, with their clocks (RFC 4733 §2.1). */
  readonly events?: Readonly<Record<LegName, ReadonlyMap<number, number>>>;
  /** Where the browser's leg counts otherwise: the call is transcoded. */
  readonly browserClockRateHz?: number;
}

export type LegName = 'browser' | 'ims';

/** Takes RTP of both legs, authentic and from whom it should be, in place of the other leg. */
export type Detour = (from: LegName, packet: Uint8Array) => void;

export interface Gate {
  readonly toIms: boolean;
  readonly toBrowser: boolean;
  /** Reports go on both ways though nothing else does: the call is on hold (RFC 3264 §8.4). */
  readonly rtcp?: boolean;
}

export type MediaEvent =
  /** A way to the browser is found and validated. */
  | { readonly kind: 'ice-connected' }
  /** ICE and DTLS are done, keys are in. */
  | { readonly kind: 'access-connected' }
  | { readonly kind: 'access-failed'; readonly reason: string }
  /** RFC 7675 §5.1: 30 s without an answer; sending toward the browser has stopped. */
  | { readonly kind: 'consent-lost' }
  /** A restart has found another way; it is sent to again. */
  | { readonly kind: 'consent-restored' }
  /** Its handshake proved what it should not; that leg is neither heard nor spoken to any more. */
  | { readonly kind: 'ims-failed'; readonly reason: string }
  | { readonly kind: 'first-packet'; readonly from: 'browser' | 'ims' }
  /** The gate is open and what comes goes on. */
  | { readonly kind: 'first-sent'; readonly to: LegName }
  /** A key, at its end; each once. */
  | {
      readonly kind: 'digit';
      readonly from: LegName;
      readonly digit: string;
      readonly durationMs: number;
    };

/**
 * What asks for a lost packet, a whole picture, or that by command (RFC 4585 §6, RFC 5104 §4.3.1), and
 * what limits a rate: `tmmbr` as IMS has it (RFC 5104 §4.2), `remb` as browsers do.
 */
export type Feedback = 'nack' | 'pli' | 'fir' | 'tmmbr' | 'remb';

export interface VideoRewrite {
  readonly payloadToIms: ReadonlyMap<number, number>;
  readonly payloadToBrowser: ReadonlyMap<number, number>;
  /** Numbers of the orientation of the picture (CVO, 3GPP TS 26.114 §7.4.5); no other extension passes. */
  readonly orientation?: Readonly<Record<LegName, number>>;
  /** What each side takes, by what was negotiated; what it does not is answered here or dropped. */
  readonly feedback: Readonly<Record<LegName, readonly Feedback[]>>;
}

/** Takes the video of a call in place of the other leg, and what its receivers say. */
export interface VideoDetour {
  /** RTP as of `Detour`, of the negotiated payload types, while the gate it would have passed is open. */
  take(from: LegName, packet: Uint8Array): void;
  /** That receiver wants a whole picture; also because its direction opens, or a packet is gone. */
  wantPicture(by: LegName): void;
  /** That receiver takes no more than so much (RFC 5104 §4.2.1, or REMB). */
  limit(by: LegName, bitsPerS: number): void;
}

/** What a detour hands back, and asks of the senders. */
export interface VideoOutlet {
  /** As of `MediaCall.send`; kept to be sent again. */
  send(to: LegName, packet: Uint8Array): void;
  askPicture(of: LegName): void;
  /** Packets that did not come, by their sender's numbers. */
  askAgain(of: LegName, sequences: readonly number[]): void;
}

/**
 * One video stream of a call: on the browser's transport it is told from audio by its payload types,
 * toward IMS it has a pair of ports. Packets lost toward a side are sent again from here.
 */
export interface VideoStream {
  readonly ims: RtpEndpoint;
  readonly ssrcToBrowser: number;
  connectIms(remote: ImsRemote): void;
  setRewrite(rewrite: VideoRewrite): void;
  /** As of the call. When a direction opens, its sender is asked for a whole picture. */
  setGate(gate: Gate): void;
  /** `undefined`: from leg to leg again. Absent: the video of this plane passes through and no more. */
  divert?(detour: VideoDetour | undefined): VideoOutlet;
  stats(): VideoStats;
  /** Gives the ports back; the call goes on. Closing the call closes it. */
  close(): Promise<void>;
}

/** The media of one call with one browser: one access transport, one IMS port pair for audio. */
export interface MediaCall {
  readonly access: AccessParameters;
  /** Where IMS is to send: address as announced, RTP port even, RTCP on the next (MED-3). */
  readonly ims: RtpEndpoint;
  /** SSRC under which the browser receives. */
  readonly ssrcToBrowser: number;
  /** Starts ICE checks and DTLS. */
  connectAccess(remote: RemoteAccessParameters): void;
  /**
   * Checks anew, under new names of both sides (RFC 8445 §9). Media goes on over the pair it has
   * until a new one is nominated; DTLS, its keys and all numbering stay. Returns our names from now
   * on; the same names of the browser again change nothing. `undefined`: nothing is connected yet.
   */
  restartAccess(theirs: AccessNames): AccessParameters | undefined;
  /** Trickled or SDP candidates; those the policy forbids are dropped and counted. */
  addCandidates(candidates: readonly string[]): void;
  /**
   * The only source RTP and RTCP are taken from, and where ours go (MED-12). The same address again
   * changes nothing, and what was learnt stays; SRTP goes on under keys that have not changed. Another
   * is somebody else: what he sends goes on in the browser's stream, one number further and at the time
   * it is by then (MED-10), and of how he hears us nothing is known yet.
   */
  connectIms(remote: ImsRemote): void;
  setRewrite(rewrite: StreamRewrite): void;
  /**
   * RTP that arrives goes there and nowhere else, while the gate it would have passed is open.
   * `undefined`: from leg to leg again.
   */
  divert(detour: Detour | undefined): void;
  /**
   * Sends a packet of the detour's making, if the gate is open: payload type and marker as they are,
   * SSRC, sequence and timestamp continuing the stream of that leg (MED-10).
   */
  send(to: LegName, packet: Uint8Array): void;
  /** Absent: this plane carries audio alone. One at a time. */
  openVideo?(): Promise<VideoStream>;
  /** Both directions are shut until opened. RTCP follows the gate unless it says otherwise. */
  setGate(gate: Gate): void;
  /** Of its voice. */
  stats(): MediaStats;
  close(): Promise<void>;
}

/** Implemented portably (werift and TypeScript) and natively; both pass one contract suite. */
export interface MediaPlane {
  open(callId: CallId, onEvent: (event: MediaEvent) => void): Promise<MediaCall>;
  /** Which parts it can take in a handshake with IMS; none where absent. */
  readonly imsDtlsRoles?: readonly DtlsRole[];
  /** `stun:host:port` of the node itself, for the client's server-reflexive candidates. */
  readonly stunUrl: string;
  close(): Promise<void>;
}

import type { LocalVideo } from './camera.ts';
import type { LocalAudio } from './microphone.ts';

export interface Candidate {
  readonly candidate: string;
  readonly sdpMid?: string;
}

/** Counters since the start of the call. */
export interface MediaCounters {
  readonly packetsReceived: number;
  readonly packetsLost: number;
  readonly jitterMs: number;
  readonly roundTripMs: number;
}

export interface PeerListener {
  readonly candidate: (candidate: Candidate) => void;
  readonly connected: () => void;
  /** `failed` is final, `interrupted` may pass. */
  readonly lost: (how: 'interrupted' | 'failed') => void;
  /** The picture of the other side has come, or gone. */
  readonly pictured: (remote: MediaStream | undefined) => void;
}

/** What comes from the far end; only its own adapter knows what it is. */
export interface RemoteAudio {
  readonly kind: 'remote-audio';
}

/** One transport to the node, of audio and of video where there is some. Methods are called one at a time, each awaited. */
export interface PeerConnection {
  /** With video where the camera is on already. */
  offer(audio: LocalAudio): Promise<string>;
  takeAnswer(sdp: string): Promise<void>;
  /** Without audio the answer still says sendrecv: the microphone can follow without a re-offer. */
  answer(offerSdp: string): Promise<string>;
  /** An offer of the same media over another way (ICE restart, RFC 8829 §4.1.8.1). */
  restart(iceServers: readonly IceServer[]): Promise<string>;
  /** Takes back an offer that was not answered; all is as it was before. */
  rollBack(): Promise<void>;
  readonly isConnected: boolean;
  /** Whether the far end is played; a call that only rings, or is held, leaves the player to others. */
  hear(isHeard: boolean): void;
  sendFrom(audio: LocalAudio): Promise<void>;
  /** From now on, as far as video is negotiated or will be; none: nothing is seen of our user. */
  film(camera: LocalVideo | undefined): Promise<void>;
  /** Undefined before there is any. */
  readonly remote: RemoteAudio | undefined;
  /** Sends the others, too, and plays beside them; with none it is an ordinary call again. */
  mix(audio: LocalAudio, others: readonly RemoteAudio[]): Promise<void>;
  /** As telephone-event (RFC 4733); false where the far end takes none. */
  sendDtmf(digits: string): boolean;
  counters(): Promise<MediaCounters>;
  close(): void;
}

export type CreatePeerConnection = (
  iceServers: readonly IceServer[],
  listener: PeerListener,
) => PeerConnection;

/** `username` and `credential` are of TURN. */
export interface IceServer {
  readonly urls: string;
  readonly username?: string | undefined;
  readonly credential?: string | undefined;
}

import { NO_MEDIA, NO_PICTURES } from '../../media-node/src/core/media/no-traffic.ts';
import type {
  AccessNames,
  AccessParameters,
  Detour,
  DtlsRole,
  Gate,
  ImsRemote,
  LegName,
  MediaCall,
  MediaEvent,
  MediaPlane,
  RemoteAccessParameters,
  StreamRewrite,
  VideoDetour,
  VideoOutlet,
  VideoRewrite,
  VideoStream,
} from '../../media-node/src/ports/media-plane.ts';
import type { VideoStats } from '../../media-node/src/ports/media-stats.ts';

/** Video of the call below: keeps what it was told last. */
export class RecordingVideo implements VideoStream {
  readonly ims = { address: '192.0.2.2', rtpPort: 40_002, rtcpPort: 40_003 };
  readonly ssrcToBrowser = 0x2345_6789;
  remoteIms: ImsRemote | undefined;
  rewrite: VideoRewrite | undefined;
  gate: Gate = { toIms: false, toBrowser: false };
  isClosed = false;
  detour: VideoDetour | undefined;
  readonly sent: (readonly [LegName, Uint8Array])[] = [];
  readonly asked: (readonly [LegName, readonly number[]])[] = [];

  divert(detour: VideoDetour | undefined): VideoOutlet {
    this.detour = detour;
    return {
      send: (to, packet) => this.sent.push([to, packet]),
      askPicture: (of) => this.asked.push([of, []]),
      askAgain: (of, sequences) => this.asked.push([of, sequences]),
    };
  }
  connectIms(remote: ImsRemote): void {
    this.remoteIms = remote;
  }
  setRewrite(rewrite: VideoRewrite): void {
    this.rewrite = rewrite;
  }
  setGate(gate: Gate): void {
    this.gate = gate;
  }
  /** What it says it has carried. */
  carried: VideoStats = { access: NO_PICTURES, ims: NO_PICTURES };
  stats(): VideoStats {
    return this.carried;
  }
  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }
}

/** Keeps what it was told last; has no socket. */
export class RecordingMediaCall implements MediaCall {
  readonly access = {
    usernameFragment: 'node',
    password: 'a-password-of-the-node-0',
    fingerprint: Array.from({ length: 32 }, () => 'AB').join(':'),
    candidates: ['candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host'],
  };
  readonly ims = { address: '192.0.2.2', rtpPort: 40_000, rtcpPort: 40_001 };
  readonly ssrcToBrowser = 0x1234_5678;
  readonly candidates: string[] = [];
  readonly restarts: AccessNames[] = [];
  remoteAccess: RemoteAccessParameters | undefined;
  remoteIms: ImsRemote | undefined;
  rewrite: StreamRewrite | undefined;
  gate: Gate = { toIms: false, toBrowser: false };
  detour: Detour | undefined;
  readonly sent: { readonly to: LegName; readonly packet: Uint8Array }[] = [];
  numbers = NO_MEDIA;
  isClosed = false;
  video: RecordingVideo | undefined;

  openVideo(): Promise<VideoStream> {
    this.video = new RecordingVideo();
    return Promise.resolve(this.video);
  }
  connectAccess(remote: RemoteAccessParameters): void {
    this.remoteAccess = remote;
  }
  /** Undefined until a browser has been connected. */
  restartAccess(theirs: AccessNames): AccessParameters | undefined {
    if (!this.remoteAccess) return undefined;
    this.restarts.push(theirs);
    const names = { usernameFragment: 'node2', password: 'a-password-of-the-node-2' };
    return { ...this.access, ...names };
  }
  addCandidates(candidates: readonly string[]): void {
    this.candidates.push(...candidates);
  }
  connectIms(remote: ImsRemote): void {
    this.remoteIms = remote;
  }
  setRewrite(rewrite: StreamRewrite): void {
    this.rewrite = rewrite;
  }
  divert(detour: Detour | undefined): void {
    this.detour = detour;
  }
  send(to: LegName, packet: Uint8Array): void {
    this.sent.push({ to, packet });
  }
  setGate(gate: Gate): void {
    this.gate = gate;
  }
  stats() {
    return this.numbers;
  }
  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }
}

export class RecordingMediaPlane implements MediaPlane {
  readonly stunUrl = 'stun:192.0.2.1:3478';
  readonly imsDtlsRoles: readonly DtlsRole[];
  readonly call = new RecordingMediaCall();
  onEvent: (event: MediaEvent) => void = () => undefined;

  constructor(imsDtlsRoles: readonly DtlsRole[] = ['client', 'server']) {
    this.imsDtlsRoles = imsDtlsRoles;
  }

  open(_callId: string, onEvent: (event: MediaEvent) => void): Promise<MediaCall> {
    this.onEvent = onEvent;
    return Promise.resolve(this.call);
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
}

import {
  MediaStreamTrack,
  RTCPeerConnection,
  RTCRtpCodecParameters,
  RtpHeader,
  RtpPacket,
} from 'werift';
import type { LocalAudio } from '../../../client/src/ports/microphone.ts';
import type {
  CreatePeerConnection,
  PeerConnection,
  PeerListener,
} from '../../../client/src/ports/peer-connection.ts';
import { pressed, TICKS_BETWEEN_KEYS } from '../rtp-keys.ts';
import { keepIceRole, takeOneVerifyRequest } from './werift-corrections.ts';

export interface Voice {
  readonly name: 'PCMA' | 'PCMU' | 'G722' | 'telephone-event';
  readonly payloadType: number;
}

export const PCMA: Voice = { name: 'PCMA', payloadType: 8 };
export const PCMU: Voice = { name: 'PCMU', payloadType: 0 };
export const G722: Voice = { name: 'G722', payloadType: 9 };
/** Who has it among the voices can press keys (RFC 4733). */
export const KEYS: Voice = { name: 'telephone-event', payloadType: 101 };

const FRAME_MS = 20;
const SAMPLES = 160;
const BETWEEN_KEYS_MS = 200;
/** So that not all are lost together. */
const BETWEEN_COPIES_MS = 40;
/** A square wave: no codec takes it for silence. */
const FRAME = Buffer.from(Array.from({ length: SAMPLES }, (_, i) => (i % 16 < 8 ? 0x2a : 0xaa)));

/** A microphone that needs no device. */
export class HummingAudio implements LocalAudio {
  isEnabled = true;

  setEnabled(enabled: boolean): void {
    this.isEnabled = enabled;
  }

  stop(): void {
    this.isEnabled = false;
  }
}

export interface WeriftPeersOptions {
  readonly voices?: readonly Voice[] | undefined;
  readonly frameMs?: number | undefined;
}

/** Media of a phone without a browser: ICE, DTLS and SRTP by werift; hums while it may. */
export class WeriftPeers {
  #last: WeriftPeer | undefined;
  readonly #frameMs: number;
  #voices: readonly Voice[];

  constructor({ voices = [PCMA], frameMs = FRAME_MS }: WeriftPeersOptions = {}) {
    this.#voices = voices;
    this.#frameMs = frameMs;
  }

  /** What the next calls speak, in order of preference. */
  speak(voices: readonly Voice[]): void {
    this.#voices = voices;
  }

  get last(): WeriftPeer {
    if (!this.#last) throw new Error('no call yet');
    return this.#last;
  }

  readonly create: CreatePeerConnection = (iceServers, listener) => {
    const how = { listener, voices: this.#voices, frameMs: this.#frameMs };
    const peer = new WeriftPeer(iceServers, how);
    this.#last = peer;
    return peer;
  };
}

interface PeerOptions {
  readonly listener: PeerListener;
  readonly voices: readonly Voice[];
  readonly frameMs: number;
}

export class WeriftPeer implements PeerConnection {
  /** Sequence numbers as they came. */
  readonly heard: number[] = [];
  sent = 0;
  isPlayed = false;
  readonly #peer: RTCPeerConnection;
  readonly #track = new MediaStreamTrack({ kind: 'audio' });
  readonly #voices: readonly Voice[];
  readonly #frameMs: number;
  #audio: HummingAudio | undefined;
  #timer: NodeJS.Timeout | undefined;
  #pressedAt = 0;

  constructor(
    iceServers: readonly { readonly urls: string }[],
    { listener, voices, frameMs }: PeerOptions,
  ) {
    this.#voices = voices;
    this.#frameMs = frameMs;
    this.#peer = new RTCPeerConnection({
      iceServers: [...iceServers],
      iceUseIpv4: false,
      iceUseIpv6: false,
      iceUseTcp: false,
      iceAdditionalHostAddresses: ['127.0.0.1'],
      codecs: { audio: voices.map(codecOf) },
    });
    this.#peer.addTransceiver(this.#track, { direction: 'sendrecv' });
    for (const transport of this.#peer.dtlsTransports) {
      keepIceRole(transport.iceTransport.connection);
      takeOneVerifyRequest(transport);
    }
    this.#peer.onTrack.subscribe((track) => {
      track.onReceiveRtp.subscribe(({ header }) => {
        this.heard.push(header.sequenceNumber);
      });
    });
    this.#peer.onIceCandidate.subscribe((candidate) => {
      if (candidate) listener.candidate({ candidate: candidate.candidate });
    });
    this.#peer.connectionStateChange.subscribe((state) => {
      if (state === 'connected') listener.connected();
      if (state === 'disconnected') listener.lost('interrupted');
      if (state === 'failed') listener.lost('failed');
    });
  }

  async offer(audio: LocalAudio): Promise<string> {
    await this.sendFrom(audio);
    await this.#peer.setLocalDescription(await this.#peer.createOffer());
    return this.#localSdp;
  }

  async takeAnswer(sdp: string): Promise<void> {
    await this.#peer.setRemoteDescription({ type: 'answer', sdp });
  }

  async answer(offerSdp: string): Promise<string> {
    await this.#peer.setRemoteDescription({ type: 'offer', sdp: offerSdp });
    await this.#peer.setLocalDescription(await this.#peer.createAnswer());
    return this.#localSdp;
  }

  film(): Promise<void> {
    return Promise.resolve();
  }

  restart(): Promise<string> {
    return Promise.reject(new Error('this peer has one network'));
  }

  rollBack(): Promise<void> {
    return Promise.resolve();
  }

  get isConnected(): boolean {
    return this.#peer.connectionState === 'connected';
  }

  sendFrom(audio: LocalAudio): Promise<void> {
    this.#audio = audio instanceof HummingAudio ? audio : undefined;
    this.#timer ??= setInterval(() => {
      this.#hum();
    }, this.#frameMs);
    return Promise.resolve();
  }

  hear(isHeard: boolean): void {
    this.isPlayed = isHeard;
  }

  get remote(): undefined {
    return undefined;
  }

  /** How far its transport has come, for who reads of a call without media. */
  get state(): string {
    const { iceConnectionState, dtlsTransports } = this.#peer;
    return [
      `ICE ${iceConnectionState}`,
      ...dtlsTransports.map(({ state, role }) => `DTLS ${state} (${role})`),
    ].join(', ');
  }

  mix(): Promise<void> {
    return Promise.reject(new Error('this peer mixes nothing'));
  }

  sendDtmf(keys: string): boolean {
    if (!this.#voices.includes(KEYS)) return false;
    Array.from(keys).forEach((key, index) => {
      setTimeout(() => {
        this.#press(key);
      }, index * BETWEEN_KEYS_MS);
    });
    return true;
  }

  counters(): ReturnType<PeerConnection['counters']> {
    const packetsReceived = this.heard.length;
    return Promise.resolve({ packetsReceived, packetsLost: 0, jitterMs: 0, roundTripMs: 0 });
  }

  close(): void {
    clearInterval(this.#timer);
    void this.#peer.close();
  }

  get #localSdp(): string {
    return this.#peer.localDescription?.sdp ?? '';
  }

  #hum(): void {
    if (this.#audio?.isEnabled !== true || this.#peer.connectionState !== 'connected') return;
    const header = new RtpHeader({
      payloadType: this.#voices[0]?.payloadType ?? PCMA.payloadType,
      sequenceNumber: this.sent & 0xffff,
      timestamp: this.sent * SAMPLES,
      marker: this.sent === 0,
    });
    this.sent += 1;
    this.#track.writeRtp(new RtpPacket(header, FRAME));
  }

  /** Past the track of werift, which gives every packet the number of its voice. */
  #press(key: string): void {
    const [transport] = this.#peer.dtlsTransports;
    const [sender] = this.#peer.getSenders();
    if (!transport || !sender || transport.state !== 'connected') return;
    // On a clock of its own: two keys of one moment are two.
    this.#pressedAt += TICKS_BETWEEN_KEYS;
    const timestamp = this.#pressedAt;
    pressed(key).forEach((payload, index) => {
      setTimeout(() => {
        const header = new RtpHeader({
          payloadType: KEYS.payloadType,
          sequenceNumber: this.sent & 0xffff,
          ...{ timestamp, ssrc: sender.ssrc },
        });
        this.sent += 1;
        if (transport.state === 'connected') void transport.sendRtp(payload, header);
      }, index * BETWEEN_COPIES_MS);
    });
  }
}

const codecOf = ({ name, payloadType }: Voice): RTCRtpCodecParameters =>
  new RTCRtpCodecParameters({
    mimeType: `audio/${name}`,
    clockRate: 8_000,
    channels: 1,
    payloadType,
  });

import { randomUUID } from 'node:crypto';
import {
  MediaStreamTrack,
  RTCPeerConnection,
  RTCRtpCodecParameters,
  RtpHeader,
  RtpPacket,
} from 'werift';
import { nowMs } from '../bench-clock.ts';
import type { Product } from '../product.ts';
import { userOf } from '../world.ts';
import type { Marks, NearPhone } from './near-phone.ts';
import { WireClient } from './wire-client.ts';

const PCMA = 8;
const FRAME_MS = 20;
const SAMPLES = 160;
const FRAME = Buffer.alloc(SAMPLES, 0xd5);

/** A client without a browser: bare WebSocket, and ICE, DTLS and SRTP by werift. */
export class LightPhone implements NearPhone {
  readonly impu: string;
  readonly #wire: WireClient;
  #peer: RTCPeerConnection | undefined;
  #microphone: MediaStreamTrack | undefined;
  #heard = Promise.withResolvers<void>();
  #answered: Promise<void> = Promise.resolve();
  #callId = '';
  #seq = 0;
  #marks: Marks = {};
  #received = 0;
  #sent = 0;
  #stopTalking: () => void = () => undefined;

  private constructor(wire: WireClient, index: number) {
    this.#wire = wire;
    this.impu = userOf(index).userName;
  }

  static async open(product: Product, index: number): Promise<LightPhone> {
    return new LightPhone(await WireClient.open(product, index), index);
  }

  get packets(): { readonly sent: number; readonly received: number } {
    return { sent: this.#sent, received: this.#received };
  }

  async dial(target: string): Promise<void> {
    const peer = this.#begin(randomUUID());
    await peer.setLocalDescription(await peer.createOffer());
    this.#marks = { requestedAtMs: nowMs() };
    const sdp = peer.localDescription?.sdp;
    const ok = await this.#command('call.start', { target, sdp });
    this.#marks = { ...this.#marks, earlyAnswerAtMs: nowMs() };
    await peer.setRemoteDescription({ type: 'answer', sdp: String(ok['sdp']) });
    this.#answered = this.#talkOnceAnswered();
  }

  async incoming(): Promise<void> {
    const { callId = '', sdp = '' } = await this.#wire.next((it) => it.event === 'call.incoming');
    this.#marks = { incomingAtMs: nowMs() };
    const peer = this.#begin(callId);
    await peer.setRemoteDescription({ type: 'offer', sdp });
    await peer.setLocalDescription(await peer.createAnswer());
    await this.#command('call.ring', { sdp: peer.localDescription?.sdp });
  }

  async accept(): Promise<void> {
    this.#marks = { ...this.#marks, acceptedAtMs: nowMs() };
    await this.#command('call.accept', {});
    this.#talk();
  }

  async heard(): Promise<void> {
    await Promise.all([this.#answered, this.#heard.promise]);
  }

  async hangUp(): Promise<void> {
    this.#stopTalking();
    const ended = this.#wire.next((it) => it.event === 'call.ended' && it.callId === this.#callId);
    await this.#command('call.hang-up', {});
    await ended;
    await this.#peer?.close();
  }

  marks(): Promise<Marks> {
    return Promise.resolve(this.#marks);
  }

  close(): Promise<void> {
    return this.#wire.close();
  }

  #begin(callId: string): RTCPeerConnection {
    this.#callId = callId;
    this.#seq = 0;
    this.#sent = 0;
    this.#received = 0;
    this.#heard = Promise.withResolvers();
    this.#answered = Promise.resolve();
    const peer = new RTCPeerConnection({
      iceServers: [...this.#wire.iceServers],
      iceUseIpv4: false,
      iceUseIpv6: false,
      iceUseTcp: false,
      iceAdditionalHostAddresses: ['127.0.0.1'],
      codecs: { audio: [pcma()] },
    });
    this.#peer = peer;
    this.#microphone = new MediaStreamTrack({ kind: 'audio' });
    peer.addTransceiver(this.#microphone, { direction: 'sendrecv' });
    peer.onTrack.subscribe((track) => {
      track.onReceiveRtp.subscribe(() => {
        this.#hear();
      });
    });
    return peer;
  }

  async #talkOnceAnswered(): Promise<void> {
    await this.#wire.next((it) => it.event === 'call.answered' && it.callId === this.#callId);
    this.#talk();
  }

  /** Sends a frame every 20 ms; late ones are made good. */
  #talk(): void {
    const startedAtMs = nowMs();
    let frames = 0;
    const tick = (): void => {
      const due = Math.floor((nowMs() - startedAtMs) / FRAME_MS) + 1;
      for (; frames < due; frames += 1) this.#send(frames);
    };
    tick();
    const timer = setInterval(tick, FRAME_MS);
    this.#stopTalking = () => {
      clearInterval(timer);
    };
  }

  #hear(): void {
    this.#received += 1;
    if (this.#marks.firstAudioAtMs !== undefined) return;
    this.#marks = { ...this.#marks, firstAudioAtMs: nowMs() };
    this.#heard.resolve();
  }

  #send(frame: number): void {
    const header = new RtpHeader({
      payloadType: PCMA,
      sequenceNumber: frame & 0xffff,
      timestamp: frame * SAMPLES,
      marker: frame === 0,
    });
    this.#microphone?.writeRtp(new RtpPacket(header, FRAME));
    this.#sent += 1;
  }

  #command(action: string, more: Readonly<Record<string, unknown>>) {
    const seq = this.#seq;
    this.#seq += 1;
    return this.#wire.ask({ action, callId: this.#callId, seq, ...more });
  }
}

const pcma = (): RTCRtpCodecParameters =>
  new RTCRtpCodecParameters({
    mimeType: 'audio/PCMA',
    clockRate: 8_000,
    channels: 1,
    payloadType: PCMA,
  });

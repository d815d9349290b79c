import { randomUUID } from 'node:crypto';
import {
  MediaStreamTrack,
  RTCPeerConnection,
  RTCRtpCodecParameters,
  RtpHeader,
  RtpPacket,
} from 'werift';
import { HeardStream } from './heard-stream.ts';
import type { WireClient, WireSession } from './wire-client.ts';

const PCMA = 8;
const FRAME_MS = 20;
const HEAR_MS = 10_000;
const SAMPLES = 160;
/** A loud square wave in A-law, so that it counts as speech. */
const FRAME = Buffer.from(Array.from({ length: SAMPLES }, (_, i) => (i % 16 < 8 ? 0x2a : 0xaa)));

/** A live call of a wire client: ICE, DTLS and SRTP by werift, and it talks all the time. */
export class WirePhone {
  #callId = randomUUID() as string;
  readonly #wire: WireClient;
  readonly #peer: RTCPeerConnection;
  readonly #microphone = new MediaStreamTrack({ kind: 'audio' });
  #timer: NodeJS.Timeout | undefined;
  #frames = 0;
  #seq = 0;
  heard = 0;
  readonly stream = new HeardStream();

  private constructor(wire: WireClient, { iceServers }: WireSession) {
    this.#wire = wire;
    this.#peer = new RTCPeerConnection({
      iceServers: [...iceServers],
      iceUseIpv4: false,
      iceUseIpv6: false,
      iceAdditionalHostAddresses: ['127.0.0.1'],
      codecs: { audio: [pcma()] },
    });
    this.#peer.addTransceiver(this.#microphone, { direction: 'sendrecv' });
    this.#peer.onTrack.subscribe((track) => {
      track.onReceiveRtp.subscribe(({ header }) => {
        this.heard += 1;
        this.stream.take(header);
      });
    });
  }

  /** Calls and talks; resolves once the far end has answered. */
  static async inCall(wire: WireClient, session: WireSession, target = 'echo'): Promise<WirePhone> {
    const phone = new WirePhone(wire, session);
    await phone.#dial(target);
    return phone;
  }

  get callId(): string {
    return this.#callId;
  }

  /** Takes the next call that comes and talks. */
  static async answering(wire: WireClient, session: WireSession): Promise<WirePhone> {
    const phone = new WirePhone(wire, session);
    const { callId, sdp } = await wire.next((it) => it.event === 'call.incoming');
    await phone.#answer(String(callId), String(sdp));
    return phone;
  }

  command(action: string, more: Readonly<Record<string, unknown>> = {}) {
    this.#seq += 1;
    return this.#wire.request({ action, callId: this.#callId, seq: this.#seq, ...more });
  }

  /** Resolves when so many packets more than now have been heard. */
  async hear(packets: number): Promise<void> {
    const wanted = this.heard + packets;
    const endsMs = performance.now() + HEAR_MS;
    while (this.heard < wanted) {
      if (performance.now() > endsMs) throw new Error(`heard ${String(this.heard)} packets only`);
      await new Promise((resolve) => setTimeout(resolve, FRAME_MS));
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#peer.close();
  }

  async #dial(target: string): Promise<void> {
    await this.#peer.setLocalDescription(await this.#peer.createOffer());
    const { ok, error } = await this.command('call.start', {
      target,
      sdp: this.#peer.localDescription?.sdp,
    });
    if (!ok) throw new Error(`call.start: ${String(error?.code)}`);
    await this.#peer.setRemoteDescription({ type: 'answer', sdp: String(ok['sdp']) });
    await this.#wire.next((it) => it.event === 'call.answered' && it.callId === this.callId);
    this.#timer = setInterval(() => {
      this.#talk();
    }, FRAME_MS);
  }

  async #answer(callId: string, offer: string): Promise<void> {
    this.#callId = callId;
    await this.#peer.setRemoteDescription({ type: 'offer', sdp: offer });
    await this.#peer.setLocalDescription(await this.#peer.createAnswer());
    const { error } = await this.command('call.accept', { sdp: this.#peer.localDescription?.sdp });
    if (error) throw new Error(`call.accept: ${error.code}`);
    await this.#wire.next((it) => it.event === 'call.answered' && it.callId === callId);
    this.#timer = setInterval(() => {
      this.#talk();
    }, FRAME_MS);
  }

  #talk(): void {
    const header = new RtpHeader({
      payloadType: PCMA,
      sequenceNumber: this.#frames & 0xffff,
      timestamp: this.#frames * SAMPLES,
    });
    this.#frames += 1;
    this.#microphone.writeRtp(new RtpPacket(header, FRAME));
  }
}

const pcma = (): RTCRtpCodecParameters =>
  new RTCRtpCodecParameters({
    mimeType: 'audio/PCMA',
    clockRate: 8_000,
    channels: 1,
    payloadType: PCMA,
  });

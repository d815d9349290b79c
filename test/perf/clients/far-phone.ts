import { setTimeout as sleep } from 'node:timers/promises';
import { audioPort, RawRtp } from '../../integration/ims-simulator/raw-rtp.ts';
import {
  type RawCall,
  type RawMessage,
  RawPhone,
  reply,
  tcpWire,
} from '../../integration/ims-simulator/raw-sip-client.ts';
import { nowMs } from '../bench-clock.ts';
import { farAccount } from '../world.ts';

const PCMA = 8;
const FRAME_MS = 20;
const FRAME = Buffer.alloc(160, 0xd5);
const WAIT_MS = 20_000;

/** Nothing about what it does not speak: Chromium takes no such lines, and Janus hands them on. */
const sdpOf = (rtp: RawRtp, payloadType: number): string =>
  rtp
    .sdp(String(payloadType))
    .split('\r\n')
    .filter((line) => {
      const [, about] = /^a=(?:rtpmap|fmtp):(\d+)/.exec(line) ?? [];
      return about === undefined || about === String(payloadType);
    })
    .join('\r\n');

/** A phone of IMS with one codec, of 160 octets in 20 ms; it talks from the answer on. */
export class FarPhone {
  readonly impu: string;
  readonly #phone: RawPhone;
  readonly #rtp: RawRtp;
  readonly #payloadType: number;
  #invite: RawMessage | undefined;
  #call: RawCall | undefined;
  #stopTalking: () => void = () => undefined;
  #answeredAtMs = 0;
  #firstAudioAtMs = 0;
  #sent = 0;
  #received = 0;

  private constructor(phone: RawPhone, rtp: RawRtp, payloadType: number) {
    this.#phone = phone;
    this.#payloadType = payloadType;
    this.#rtp = rtp;
    this.impu = phone.account.impu;
    rtp.rtp.removeAllListeners('message');
    rtp.rtp.on('message', () => {
      this.#received += 1;
      if (this.#answeredAtMs > 0 && this.#firstAudioAtMs === 0) this.#firstAudioAtMs = nowMs();
    });
  }

  static async open(sipPort: number, index: number, payloadType = PCMA): Promise<FarPhone> {
    const phone = new RawPhone(await tcpWire(sipPort), farAccount(index));
    await phone.register();
    return new FarPhone(phone, await RawRtp.open(), payloadType);
  }

  get answeredAtMs(): number {
    return this.#answeredAtMs;
  }

  get firstAudioAtMs(): number {
    return this.#firstAudioAtMs;
  }

  get packets(): { readonly sent: number; readonly received: number } {
    return { sent: this.#sent, received: this.#received };
  }

  /** Rings when called; resolves with when the INVITE came. */
  async ring(): Promise<number> {
    this.#forget();
    const invite = await this.#phone.wire.next(({ method }) => method === 'INVITE', WAIT_MS);
    const atMs = nowMs();
    this.#invite = invite;
    reply(this.#phone, invite, '180 Ringing', { tag: 'far' });
    return atMs;
  }

  async answer(): Promise<void> {
    const invite = this.#invite;
    if (!invite) throw new Error('nobody calls');
    this.#answeredAtMs = nowMs();
    const body = sdpOf(this.#rtp, this.#payloadType);
    reply(this.#phone, invite, '200 OK', { tag: 'far', body });
    this.#talkTo(audioPort(invite.body));
    await this.#phone.wire.next(({ method }) => method === 'ACK', WAIT_MS);
  }

  /** Calls; returns when the INVITE was sent. */
  call(target: string): number {
    this.#forget();
    const atMs = nowMs();
    this.#call = this.#phone.invite(target, sdpOf(this.#rtp, this.#payloadType));
    return atMs;
  }

  /** Resolves when the call it made was answered. */
  async answered(): Promise<void> {
    const final = await this.#call?.answer(200, WAIT_MS);
    if (final?.status !== 200) throw new Error(`call refused: ${String(final?.start)}`);
    this.#answeredAtMs = nowMs();
    this.#call?.acknowledge(final);
    this.#talkTo(audioPort(final.body));
  }

  async heard(): Promise<void> {
    const deadline = nowMs() + WAIT_MS;
    while (this.#firstAudioAtMs === 0) {
      if (nowMs() > deadline) throw new Error(`${this.impu} hears nothing`);
      await sleep(2);
    }
  }

  /** Resolves when the other side has hung up. */
  async ended(): Promise<void> {
    const bye = await this.#phone.wire.next(({ method }) => method === 'BYE', WAIT_MS);
    this.#stopTalking();
    reply(this.#phone, bye, '200 OK');
  }

  fallSilent(): void {
    this.#stopTalking();
  }

  close(): void {
    this.#stopTalking();
    this.#phone.wire.close();
    this.#rtp.close();
  }

  #forget(): void {
    this.#answeredAtMs = 0;
    this.#firstAudioAtMs = 0;
    this.#sent = 0;
    this.#received = 0;
  }

  #talkTo(port: number): void {
    const startedAtMs = nowMs();
    let frames = 0;
    const tick = (): void => {
      const due = Math.floor((nowMs() - startedAtMs) / FRAME_MS) + 1;
      for (; frames < due; frames += 1) {
        this.#rtp.send(port, this.#payloadType, FRAME);
        this.#sent += 1;
      }
    };
    tick();
    const timer = setInterval(tick, FRAME_MS);
    this.#stopTalking = () => {
      clearInterval(timer);
    };
  }
}

import type { ImsSimulator } from '../../../local/src/ims/ims-types.ts';
import { audioPort, RawRtp } from '../ims-simulator/raw-rtp.ts';
import {
  type Account,
  type RawCall,
  type RawMessage,
  RawPhone,
  reply,
  tcpWire,
} from '../ims-simulator/raw-sip-client.ts';

const PCMA = 8;
const FRAME_MS = 20;
const FRAME = Buffer.alloc(160, 0xd5);
const WAIT_MS = 15_000;
const TAG = 'scripted';

/** A phone of IMS that does in a call exactly what a test says, and counts its media. */
export class ScriptedPhone {
  readonly impu: string;
  sent = 0;
  readonly #phone: RawPhone;
  readonly #rtp: RawRtp;
  #timer: NodeJS.Timeout | undefined;
  #invite: RawMessage | undefined;
  #call: RawCall | undefined;

  private constructor(phone: RawPhone, rtp: RawRtp) {
    this.#phone = phone;
    this.#rtp = rtp;
    this.impu = phone.account.impu;
  }

  static async register(simulator: ImsSimulator, account: Account): Promise<ScriptedPhone> {
    const phone = new RawPhone(await tcpWire(simulator.sipPort), account);
    await phone.register();
    return new ScriptedPhone(phone, await RawRtp.open());
  }

  /** Sequence numbers of the audio that came. */
  get heard(): readonly number[] {
    return this.#rtp.received.map((packet) => packet.readUInt16BE(2));
  }

  /** How many requests of this method came so far. */
  came(method: string): number {
    const ids = this.#phone.wire.seen
      .filter((it) => it.method === method)
      .map((it) => `${it.header('Call-ID')} ${it.header('CSeq')} ${it.header('Via')}`);
    return new Set(ids).size;
  }

  async called(): Promise<void> {
    this.#invite = await this.takes('INVITE');
  }

  /** Answers the INVITE that came. */
  answers(line: string, media?: 'with media'): void {
    const invite = this.#callee();
    const body = media ? { body: this.#rtp.sdp(String(PCMA)) } : {};
    reply(this.#phone, invite, line, { tag: TAG, ...body });
    if (media) this.#talkTo(audioPort(invite.body));
  }

  calls(target: string): void {
    this.#call = this.#phone.invite(target, this.#rtp.sdp(String(PCMA)));
  }

  /** Resolves with the response that came to its INVITE. */
  isAnswered(from: number): Promise<RawMessage> {
    return this.#caller().answer(from, WAIT_MS);
  }

  acknowledges(ok: RawMessage): void {
    this.#caller().acknowledge(ok);
    this.#talkTo(audioPort(ok.body));
  }

  cancels(): void {
    this.#caller().cancel();
  }

  refused(final: RawMessage): void {
    this.#caller().refuse(final);
  }

  /** re-INVITE of the caller; resolves with its answer, acknowledged. */
  async offers(direction: 'sendonly' | 'sendrecv'): Promise<RawMessage> {
    const call = this.#caller();
    call.within('INVITE', this.#rtp.sdp(String(PCMA), direction));
    const ok = await call.answer(200, WAIT_MS);
    call.acknowledge(ok);
    return ok;
  }

  hangsUp(): void {
    this.fallsSilent();
    this.#caller().within('BYE');
  }

  /** The callee's BYE. */
  hangsUpAsCallee(): void {
    this.fallsSilent();
    const invite = this.#callee();
    this.#phone.send({
      method: 'BYE',
      uri: /<([^>]+)>/.exec(invite.header('Contact'))?.[1] ?? '',
      headers: [
        ...invite.all('Record-Route').map((route) => `Route: ${route}`),
        `From: ${invite.header('To')};tag=${TAG}`,
        `To: ${invite.header('From')}`,
        `Call-ID: ${invite.header('Call-ID')}`,
        'CSeq: 1 BYE',
      ],
    });
  }

  takes(method: string): Promise<RawMessage> {
    return this.#phone.wire.next((it) => it.method === method, WAIT_MS);
  }

  /** Of a request within the call. */
  async grants(method: string): Promise<RawMessage> {
    const request = await this.takes(method);
    if (method === 'BYE') this.fallsSilent();
    reply(this.#phone, request, '200 OK');
    if (method === 'CANCEL')
      reply(this.#phone, this.#callee(), '487 Request Terminated', { tag: TAG });
    return request;
  }

  fallsSilent(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  close(): void {
    this.fallsSilent();
    this.#phone.wire.close();
    this.#rtp.close();
  }

  #caller(): RawCall {
    if (!this.#call) throw new Error('it called nobody');
    return this.#call;
  }

  #callee(): RawMessage {
    if (!this.#invite) throw new Error('nobody called it');
    return this.#invite;
  }

  #talkTo(port: number): void {
    this.fallsSilent();
    this.#timer = setInterval(() => {
      this.#rtp.send(port, PCMA, FRAME);
      this.sent += 1;
    }, FRAME_MS);
  }
}

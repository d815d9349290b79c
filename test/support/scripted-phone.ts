import { audioPort, RawRtp } from '../integration/ims-simulator/raw-rtp.ts';
import {
  type Account,
  type RawCall,
  type RawMessage,
  RawPhone,
  reply,
  tcpWire,
} from '../integration/ims-simulator/raw-sip-client.ts';

const PCMA = 8;
const CODECS = `${String(PCMA)} 101`;
const FRAME_MS = 20;
const FRAME = Buffer.alloc(160, 0xd5);
const WAIT_MS = 15_000;

export interface ScriptedPhoneOptions {
  readonly sipPort: number;
  readonly account: Account;
}

/** What a response carries beside its status. */
export interface Carried {
  readonly media?: true;
}

/** A phone of IMS that does in a call exactly what it is told, one call at a time. */
export class ScriptedPhone {
  readonly impu: string;
  readonly #phone: RawPhone;
  readonly #rtp: RawRtp;
  #timer: NodeJS.Timeout | undefined;
  #invite: RawMessage | undefined;
  #call: RawCall | undefined;
  #tag = '';
  #calls = 0;
  #cseq = 0;

  private constructor(phone: RawPhone, rtp: RawRtp) {
    this.#phone = phone;
    this.#rtp = rtp;
    this.impu = phone.account.impu;
  }

  static async register({ sipPort, account }: ScriptedPhoneOptions) {
    const phone = new RawPhone(await tcpWire(sipPort), account);
    await phone.register();
    return new ScriptedPhone(phone, await RawRtp.open());
  }

  /** Sequence numbers of the audio that came in this call. */
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
    this.#startAfresh();
    this.#invite = await this.#phone.wire.next(({ method }) => method === 'INVITE', WAIT_MS);
  }

  /** Answers the INVITE that came. */
  answers(line: string, { media }: Carried = {}): void {
    const invite = this.#callee();
    const body = media ? { body: this.#sdp() } : {};
    reply(this.#phone, invite, line, { tag: this.#tag, ...body });
    if (media) this.#talkTo(audioPort(invite.body));
  }

  calls(target: string): void {
    this.#startAfresh();
    this.#call = this.#phone.invite(target, this.#sdp());
  }

  /** Resolves with the response that came to its INVITE. */
  isAnswered(from: number): Promise<RawMessage> {
    return this.#caller().answer(from, WAIT_MS);
  }

  acknowledges(ok: RawMessage): void {
    if (ok.status >= 300) {
      this.refused(ok);
      throw new Error(`INVITE got ${String(ok.status)}`);
    }
    this.#caller().acknowledge(ok);
    this.#talkTo(audioPort(ok.body));
  }

  cancels(): void {
    this.#caller().cancel();
  }

  refused(final: RawMessage): void {
    this.#caller().refuse(final);
  }

  /** re-INVITE of either side; resolves with its answer, acknowledged. */
  async offers(direction: 'sendonly' | 'sendrecv'): Promise<RawMessage> {
    const body = this.#sdp(direction);
    if (this.#call) {
      this.#call.within('INVITE', body);
      const ok = await this.#call.answer(200, WAIT_MS);
      this.#call.acknowledge(ok);
      return ok;
    }
    const ok = await this.within('INVITE', body);
    this.#send('ACK');
    return ok;
  }

  /** A request within the call; resolves with its final response. */
  within(method: string, body = ''): Promise<RawMessage> {
    if (method === 'BYE') this.#fallsSilent();
    if (this.#call) {
      this.#call.within(method, body);
      return this.#call.outcome(method);
    }
    this.#cseq += 1;
    this.#send(method, body);
    const cseq = `${String(this.#cseq)} ${method}`;
    return this.#phone.wire.next(
      (it) => it.status >= 200 && this.#isOfCall(it) && it.header('CSeq') === cseq,
      WAIT_MS,
    );
  }

  takes(method: string): Promise<RawMessage> {
    return this.#phone.wire.next((it) => it.method === method && this.#isOfCall(it), WAIT_MS);
  }

  /** Of a request within the call. */
  async grants(method: string): Promise<RawMessage> {
    const request = await this.takes(method);
    if (method === 'BYE') this.#fallsSilent();
    const direction = request.body.includes('a=sendonly') ? 'recvonly' : 'sendrecv';
    const body = method === 'INVITE' ? { body: this.#sdp(direction) } : {};
    reply(this.#phone, request, '200 OK', body);
    if (method === 'CANCEL') this.answers('487 Request Terminated');
    return request;
  }

  close(): void {
    this.#fallsSilent();
    this.#phone.wire.close();
    this.#rtp.close();
  }

  #fallsSilent(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #startAfresh(): void {
    this.#fallsSilent();
    this.#calls += 1;
    this.#tag = `scripted${String(this.#calls)}`;
    this.#cseq = 0;
    this.#invite = undefined;
    this.#call = undefined;
    this.#rtp.received.splice(0);
  }

  #sdp(direction = 'sendrecv'): string {
    return this.#rtp.sdp(CODECS, direction);
  }

  #isOfCall(message: RawMessage): boolean {
    const id = this.#call?.callId ?? this.#invite?.header('Call-ID');
    return message.header('Call-ID') === id;
  }

  #caller(): RawCall {
    if (!this.#call) throw new Error('it called nobody');
    return this.#call;
  }

  #callee(): RawMessage {
    if (!this.#invite) throw new Error('nobody called it');
    return this.#invite;
  }

  /** As the callee, whose dialog is the INVITE turned round (RFC 3261 §12.1.1). */
  #send(method: string, body = ''): void {
    const invite = this.#callee();
    this.#phone.send({
      ...{ method, body },
      uri: /<([^>]+)>/.exec(invite.header('Contact'))?.[1] ?? '',
      headers: [
        ...invite.all('Record-Route').map((route) => `Route: ${route}`),
        `From: ${invite.header('To')};tag=${this.#tag}`,
        `To: ${invite.header('From')}`,
        `Call-ID: ${invite.header('Call-ID')}`,
        `CSeq: ${String(this.#cseq)} ${method}`,
        `Contact: ${this.#phone.contact}`,
      ],
    });
  }

  #talkTo(port: number): void {
    this.#fallsSilent();
    this.#timer = setInterval(() => {
      this.#rtp.send(port, PCMA, FRAME);
    }, FRAME_MS);
  }
}

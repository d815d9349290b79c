import { impu } from '@isthmus/shared/domain/ids';
import type { CallDialog } from '@isthmus/shared/store/call-records';
import type { ImsAccess } from '@isthmus/shared/store/ims-access';
import { systemClock } from '../../media-node/src/adapters/time/system-clock.ts';
import type { Clock } from '../../media-node/src/ports/clock.ts';
import type { MessageFate } from '../../media-node/src/ports/pager-message.ts';
import type { SipAccount, SipAccountEvent } from '../../media-node/src/ports/sip-accounts.ts';
import type { OutgoingInvite, SipLeg, SipLegEvent } from '../../media-node/src/ports/sip-leg.ts';
import { header, type RequestOptions, ScriptedRegistrar, type Text } from './scripted-registrar.ts';
import { type Bench, createBench, Heard, takeInvite } from './sip-account-bench.ts';

export const OFFER =
  'v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8\r\n';
export const ANSWER =
  'v=0\r\no=- 2 1 IN IP4 192.0.2.2\r\ns=-\r\nt=0 0\r\nm=audio 50000 RTP/AVP 8\r\n';
export const FAR = 'Contact: <sip:far@192.0.2.2>';

export interface SessionBenchOptions {
  readonly transport: 'tcp' | 'udp';
  readonly session?: ImsAccess['session'];
  readonly clock?: Clock;
}

export interface Called {
  readonly leg: SipLeg;
  readonly heard: Heard<SipLegEvent>;
  readonly invite: Text;
}

/** One registered account of ours, and a far end whose every message the test writes. */
export class SessionBench {
  readonly far: ScriptedRegistrar;
  readonly #bench: Bench;
  readonly #account: SipAccount;
  readonly heard: Heard<SipAccountEvent>;
  readonly #contact: string;
  #questions = 0;

  private constructor(
    far: ScriptedRegistrar,
    bench: Bench,
    opened: { account: SipAccount; heard: Heard<SipAccountEvent> },
  ) {
    this.far = far;
    this.#bench = bench;
    this.#account = opened.account;
    this.heard = opened.heard;
    this.#contact = /<([^>]+)>/.exec(header(far.received[0] as Text, 'Contact'))?.[1] ?? '';
  }

  static async open(options: SessionBenchOptions): Promise<SessionBench> {
    const { transport, session, clock = systemClock } = options;
    const far = await new ScriptedRegistrar('127.0.46.1').start();
    far.serveRegistrations({ realm: 'ims.test', username: 'alice@ims.test', password: 'pw:1' });
    const bench = createBench(clock);
    const pcscf = [{ host: far.address, port: far.port }];
    const opened = bench.open({
      access: { transport, pcscf, answerCallChallenges: true, ...(session && { session }) },
    });
    opened.account.register();
    await opened.heard.heard('registered');
    return new SessionBench(far, bench, opened);
  }

  async close(): Promise<void> {
    await this.#bench.accounts.close();
    await this.far.stop();
  }

  async call(sdp = OFFER, more: Partial<OutgoingInvite> = {}): Promise<Called> {
    const heard = new Heard<SipLegEvent>();
    const leg = this.#account.invite(
      { identity: impu('sip:alice@ims.test'), target: 'sip:bob@ims.test', sdp, ...more },
      heard.hear,
    );
    return { leg, heard, invite: await this.far.next('INVITE') };
  }

  write(text: string, maxBytes = 1_300): Promise<MessageFate> {
    const identity = impu('sip:alice@ims.test');
    return this.#account.message({ identity, target: 'sip:bob@ims.test', text, maxBytes });
  }

  /** As the successor of a node that died in this call. */
  release(dialog: CallDialog): void {
    this.#account.release(dialog);
  }

  /** A request to us outside of every dialog. */
  outOfDialog(method: string, more: Omit<RequestOptions, 'uri'>): void {
    this.far.request(method, { uri: this.#contact, ...more });
  }

  async answered(headers: readonly string[] = []): Promise<Called> {
    const called = await this.call();
    this.far.reply(called.invite, 200, { headers: [FAR, ...headers], body: ANSWER });
    await this.far.next('ACK');
    await called.heard.heard('sip-answered');
    return called;
  }

  invite(headers: readonly string[], body = OFFER): void {
    this.far.request('INVITE', {
      uri: this.#contact,
      headers: [
        'From: <sip:bob@ims.test>;tag=bob1',
        'To: <sip:alice@ims.test>',
        'Call-ID: c-in',
        'CSeq: 7 INVITE',
        FAR,
        ...headers,
      ],
      body,
    });
  }

  async ringing(
    headers: readonly string[],
    body = OFFER,
  ): Promise<Awaited<ReturnType<typeof takeInvite>>> {
    this.invite(headers, body);
    return await takeInvite(this.heard);
  }

  get incoming(): readonly SipAccountEvent[] {
    return this.heard.events.filter(({ kind }) => kind === 'incoming');
  }

  /** Everything sent before has been dealt with: a question behind it is answered. */
  async settled(): Promise<void> {
    this.#questions += 1;
    const cseq = `${String(this.#questions)} OPTIONS`;
    this.far.request('OPTIONS', {
      uri: this.#contact,
      headers: [
        'From: <sip:bob@ims.test>;tag=q',
        'To: <sip:alice@ims.test>',
        'Call-ID: questions',
        `CSeq: ${cseq}`,
      ],
    });
    await this.far.next((it) => header(it, 'CSeq') === cseq);
  }

  /** A request of who calls us, in the dialog of a response of ours. */
  byCaller(method: string, response: Text, more: RequestFacts): void {
    this.#inDialog(
      method,
      { from: header(response, 'From'), to: header(response, 'To') },
      response,
      more,
    );
  }

  /** A request of whom we called, in the dialog of our INVITE. */
  byCallee(method: string, invite: Text, { tag = 'scripted', ...more }: RequestFacts): void {
    const from = `${header(invite, 'To')};tag=${tag}`;
    this.#inDialog(method, { from, to: header(invite, 'From') }, invite, more);
  }

  #inDialog(
    method: string,
    { from, to }: { readonly from: string; readonly to: string },
    of: Text,
    { body = '', contentType, cseq, headers = [] }: RequestFacts,
  ): void {
    this.far.request(method, {
      uri: this.#contact,
      headers: [
        `From: ${from}`,
        `To: ${to}`,
        `Call-ID: ${header(of, 'Call-ID')}`,
        `CSeq: ${String(cseq)} ${method}`,
        ...headers,
      ],
      body,
      ...(contentType !== undefined && { contentType }),
    });
  }
}

export interface RequestFacts {
  readonly cseq: number;
  readonly headers?: readonly string[];
  readonly body?: string;
  readonly contentType?: string;
  readonly tag?: string;
}

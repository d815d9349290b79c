import { once } from 'node:events';
import { WebSocket } from 'ws';
import { WeriftBrowser } from '../../contract/werift-browser.ts';
import { until } from '../../support/until.ts';
import type { Cloud } from './a-cloud.ts';

type Message = Readonly<Record<string, unknown>>;

const CALL_ID = 'call-0001';
/** Whatever the far end takes of it, the answer needs no second offer. */
const PCMU = 0;

/** A client without a browser: the wire protocol by hand, media by werift. */
export class WirePhone {
  readonly messages: Message[] = [];
  readonly media: WeriftBrowser;
  readonly #socket: WebSocket;
  #id = 0;

  private constructor(socket: WebSocket, media: WeriftBrowser) {
    this.#socket = socket;
    this.media = media;
    socket.on('message', (text: Buffer) => {
      this.messages.push(JSON.parse(text.toString()) as Message);
    });
  }

  static async open(cloud: Cloud, tenant: string): Promise<WirePhone> {
    const socket = new WebSocket(`${cloud.url}?tenant=${tenant}`, { origin: cloud.origin });
    const media = await WeriftBrowser.open({ offers: true });
    const phone = new WirePhone(socket, media);
    await once(socket, 'open');
    return phone;
  }

  /** Registers as the user of this cloud. */
  static async registered(cloud: Cloud): Promise<WirePhone> {
    const [user] = cloud.world.users;
    if (!user) throw new Error('no user');
    const { tenant, option, userName, password } = user;
    const phone = await WirePhone.open(cloud, tenant);
    await phone.ask('login', { tenant, option, userName, password });
    await phone.ask('register', { tenant });
    await phone.hears('registration', { state: 'registered' });
    return phone;
  }

  async ask(action: string, fields: Message): Promise<Message> {
    const id = `r${String(this.#id++)}`;
    this.#socket.send(JSON.stringify({ id, action, ...fields }));
    await until(() => this.messages.some(({ re }) => re === id));
    return this.messages.find(({ re }) => re === id) ?? {};
  }

  async hears(event: string, facts: Message = {}): Promise<Message> {
    const isIt = (message: Message): boolean =>
      Object.entries({ event, ...facts }).every(([name, value]) => message[name] === value);
    await until(() => this.messages.some(isIt));
    return this.messages.find(isIt) ?? {};
  }

  /** Calls and connects media; the answer of the node. */
  async call(target: string): Promise<string> {
    const { ok } = await this.start(target, CALL_ID);
    const { sdp } = ok as { readonly sdp: string };
    await this.media.connect(accessIn(sdp));
    return sdp;
  }

  start(target: string, callId: string): Promise<Message> {
    return this.ask('call.start', { callId, seq: 0, target, sdp: this.#offer() });
  }

  hangUp(): Promise<Message> {
    return this.ask('call.hang-up', { callId: CALL_ID, seq: 1 });
  }

  /** Speaks one packet, and waits until something of it has come back. */
  async speakAndHear(sequence: number): Promise<void> {
    const before = this.media.heard.length;
    const packet = { payloadType: PCMU, sequence, ssrc: 7, payload: 'x'.repeat(160) };
    await this.media.sendRtp(packet);
    await until(() => this.media.heard.length > before);
  }

  async close(): Promise<void> {
    this.#socket.terminate();
    await this.media.vanish();
  }

  #offer(): string {
    const { usernameFragment, password, fingerprints } = this.media.parameters;
    const lines = [
      'v=0',
      'o=- 1 1 IN IP4 127.0.0.1',
      's=-',
      't=0 0',
      'a=group:BUNDLE 0',
      `m=audio 9 UDP/TLS/RTP/SAVPF ${String(PCMU)}`,
      'c=IN IP4 0.0.0.0',
      `a=ice-ufrag:${usernameFragment}`,
      `a=ice-pwd:${password}`,
      ...fingerprints.values.map((it) => `a=fingerprint:sha-256 ${it}`),
      'a=setup:actpass',
      'a=mid:0',
      'a=sendrecv',
      'a=rtcp-mux',
      'a=rtpmap:0 PCMU/8000',
      ...this.media.candidates.map((line) => `a=${line}`),
    ];
    return `${lines.join('\r\n')}\r\n`;
  }
}

function accessIn(sdp: string) {
  const all = (name: string): string[] =>
    sdp.split('\r\n').flatMap((line) => line.split(`a=${name}:`)[1] ?? []);
  return {
    usernameFragment: all('ice-ufrag')[0] ?? '',
    password: all('ice-pwd')[0] ?? '',
    fingerprint: all('fingerprint')[0]?.replace('sha-256 ', '') ?? '',
    candidates: all('candidate').map((line) => `candidate:${line}`),
  };
}

import { createHash, randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';

export interface RawMessage {
  readonly start: string;
  readonly status: number;
  readonly method: string;
  readonly text: string;
  readonly body: string;
  readonly header: (name: string) => string;
  readonly all: (name: string) => readonly string[];
}

function rawMessage(text: string): RawMessage {
  const at = text.indexOf('\r\n\r\n');
  const [start = '', ...lines] = text.slice(0, at).split('\r\n');
  const all = (name: string): readonly string[] =>
    lines
      .filter((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`))
      .map((line) => line.slice(line.indexOf(':') + 1).trim());
  return {
    start,
    status: start.startsWith('SIP/2.0') ? Number(start.split(' ')[1]) : 0,
    method: start.startsWith('SIP/2.0') ? '' : (start.split(' ')[0] ?? ''),
    text,
    body: text.slice(at + 4),
    all,
    header: (name) => all(name)[0] ?? '',
  };
}

export interface Wire {
  readonly transport: 'TCP' | 'UDP';
  readonly port: number;
  send(text: string): void;
  /** Messages in the order of their coming, for tests that want them all. */
  readonly seen: RawMessage[];
  /** Takes the first message not yet taken that fits. */
  readonly next: (fits: (message: RawMessage) => boolean, withinMs?: number) => Promise<RawMessage>;
  close(): void;
}

/** Nobody here refreshes. */
const REGISTERED_S = 600;
/** Of what came, for who reads of what did not. */
const SHOWN = 12;

function inbox() {
  const seen: RawMessage[] = [];
  let untaken: RawMessage[] = [];
  let wake: (() => void)[] = [];
  return {
    seen,
    push(text: string) {
      const message = rawMessage(text);
      seen.push(message);
      untaken.push(message);
      const waiting = wake;
      wake = [];
      for (const it of waiting) it();
    },
    next: async (fits: (message: RawMessage) => boolean, withinMs = 5_000): Promise<RawMessage> => {
      const deadline = Date.now() + withinMs;
      for (;;) {
        const found = untaken.find(fits);
        if (found !== undefined) {
          untaken = untaken.filter((it) => it !== found);
          return found;
        }
        const leftMs = deadline - Date.now();
        const had = seen
          .slice(-SHOWN)
          .map(({ start }) => start)
          .join(' | ');
        if (leftMs <= 0) throw new Error(`nothing fitting came; last there was: ${had}`);
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, leftMs);
          wake.push(() => {
            clearTimeout(timer);
            resolve();
          });
        });
      }
    },
  };
}

export async function tcpWire(port: number, host = '127.0.0.1'): Promise<Wire> {
  const box = inbox();
  const socket = connect(port, host);
  await once(socket, 'connect');
  let pending = '';
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => {
    pending += chunk.toString('latin1');
    for (;;) {
      const at = pending.indexOf('\r\n\r\n');
      if (at < 0) return;
      const length = Number(/content-length: *(\d+)/i.exec(pending.slice(0, at))?.[1] ?? 0);
      if (pending.length < at + 4 + length) return;
      box.push(pending.slice(0, at + 4 + length));
      pending = pending.slice(at + 4 + length);
    }
  });
  return {
    transport: 'TCP',
    port: socket.localPort ?? 0,
    send: (text) => socket.write(text, 'latin1'),
    seen: box.seen,
    next: box.next,
    close: () => socket.destroy(),
  };
}

export async function udpWire(port: number): Promise<Wire> {
  const box = inbox();
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  socket.on('message', (bytes) => {
    box.push(bytes.toString('latin1'));
  });
  return {
    transport: 'UDP',
    port: socket.address().port,
    send: (text) => {
      socket.send(Buffer.from(text, 'latin1'), port, '127.0.0.1');
    },
    seen: box.seen,
    next: box.next,
    close: () => socket.close(),
  };
}

export interface Account {
  readonly impu: string;
  readonly impi: string;
  readonly password: string;
  readonly domain: string;
}

export const token = (): string => randomBytes(6).toString('hex');
const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

export interface RequestOptions {
  readonly method: string;
  readonly uri: string;
  readonly headers: readonly string[];
  readonly body?: string;
  readonly contentType?: string;
  readonly branch?: string;
}

/** The phone of a test: every byte it sends is spelt out here. */
export class RawPhone {
  readonly wire: Wire;
  readonly account: Account;
  serviceRoute = '';
  associated = '';
  #registerCseq = 0;
  readonly #registerCallId = token();

  constructor(wire: Wire, account: Account) {
    this.wire = wire;
    this.account = account;
  }

  get contact(): string {
    const transport = this.wire.transport.toLowerCase();
    return `<sip:ue@127.0.0.1:${String(this.wire.port)};transport=${transport}>`;
  }

  send({ method, uri, headers, body = '', ...more }: RequestOptions): string {
    const { branch = `z9hG4bK${token()}`, contentType = 'application/sdp' } = more;
    const text = [
      `${method} ${uri} SIP/2.0`,
      `Via: SIP/2.0/${this.wire.transport} 127.0.0.1:${String(this.wire.port)};rport;branch=${branch}`,
      'Max-Forwards: 70',
      ...headers,
      ...(body === '' ? [] : [`Content-Type: ${contentType}`]),
      `Content-Length: ${String(body.length)}`,
      '',
      body,
    ].join('\r\n');
    this.wire.send(text);
    return text;
  }

  sendRegister(authorization: string | undefined, more: readonly string[] = []): number {
    const { impu, domain } = this.account;
    this.#registerCseq += 1;
    const isTold = more.some((line) => line.startsWith('Contact:'));
    this.send({
      method: 'REGISTER',
      uri: `sip:${domain}`,
      headers: [
        `From: <${impu}>;tag=r`,
        `To: <${impu}>`,
        `Call-ID: ${this.#registerCallId}`,
        `CSeq: ${String(this.#registerCseq)} REGISTER`,
        ...(isTold ? [] : [`Contact: ${this.contact};expires=${String(REGISTERED_S)}`]),
        ...(authorization === undefined ? [] : [`Authorization: ${authorization}`]),
        ...more,
      ],
    });
    return this.#registerCseq;
  }

  registerAnswer(cseq: number): Promise<RawMessage> {
    return this.wire.next(
      (it) => it.status >= 200 && it.header('CSeq') === `${String(cseq)} REGISTER`,
    );
  }

  emptyAuthorization(): string {
    const { impi, domain } = this.account;
    return `Digest username="${impi}", realm="${domain}", nonce="", uri="sip:${domain}", response=""`;
  }

  credentials(challenge: string, nc = '00000001', password = this.account.password): string {
    const { impi, domain } = this.account;
    const nonce = /nonce="([^"]+)"/.exec(challenge)?.[1] ?? '';
    const ha1 = md5(`${impi}:${domain}:${password}`);
    const ha2 = md5(`REGISTER:sip:${domain}`);
    const response = md5(`${ha1}:${nonce}:${nc}:cafe:auth:${ha2}`);
    return [
      `Digest username="${impi}", realm="${domain}", nonce="${nonce}", uri="sip:${domain}"`,
      `qop=auth, nc=${nc}, cnonce="cafe", response="${response}", algorithm=MD5`,
    ].join(', ');
  }

  async register(more: readonly string[] = []): Promise<RawMessage> {
    const first = await this.registerAnswer(this.sendRegister(this.emptyAuthorization(), more));
    const credentials = this.credentials(first.header('WWW-Authenticate'));
    const ok = await this.registerAnswer(this.sendRegister(credentials, more));
    this.serviceRoute = ok.header('Service-Route');
    this.associated = ok.header('P-Associated-URI');
    return ok;
  }

  invite(to: string, sdp: string, options: InviteOptions = {}): RawCall {
    return new RawCall(this, to, sdp, options);
  }
}

export interface InviteOptions {
  readonly route?: string | null;
  readonly preferred?: string;
  readonly callId?: string;
}

/** An outgoing call: INVITE sent at once. */
export class RawCall {
  readonly phone: RawPhone;
  readonly callId: string;
  readonly branch = `z9hG4bK${token()}`;
  readonly text: string;
  readonly #to: string;
  readonly #from: string;
  #remote = '';
  #routes: readonly string[] = [];
  #target = '';
  #cseq = 1;

  constructor(phone: RawPhone, to: string, sdp: string, options: InviteOptions) {
    this.phone = phone;
    this.callId = options.callId ?? token();
    this.#to = to;
    this.#from = `<${options.preferred ?? phone.account.impu}>;tag=${token()}`;
    const route = options.route === undefined ? phone.serviceRoute : options.route;
    this.text = phone.send({
      method: 'INVITE',
      uri: to,
      branch: this.branch,
      headers: [
        ...(route === null ? [] : [`Route: ${route}`]),
        ...this.#common(1, 'INVITE', `<${to}>`),
        `Contact: ${phone.contact}`,
        ...(options.preferred === undefined
          ? []
          : [`P-Preferred-Identity: <${options.preferred}>`]),
      ],
      body: sdp,
    });
  }

  #common(cseq: number, method: string, to: string): string[] {
    return [
      `From: ${this.#from}`,
      `To: ${to}`,
      `Call-ID: ${this.callId}`,
      `CSeq: ${String(cseq)} ${method}`,
    ];
  }

  answer(from: number, withinMs?: number): Promise<RawMessage> {
    return this.phone.wire.next(
      (it) =>
        it.status >= from &&
        it.header('Call-ID') === this.callId &&
        it.header('CSeq') === `${String(this.#cseq)} INVITE`,
      withinMs,
    );
  }

  acknowledge(ok: RawMessage, body = ''): void {
    this.#remote = ok.header('To');
    this.#routes = ok.all('Record-Route').toReversed();
    this.#target = /<([^>]+)>/.exec(ok.header('Contact'))?.[1] ?? '';
    this.within('ACK', body, this.#cseq);
  }

  refuse(final: RawMessage): void {
    this.phone.send({
      method: 'ACK',
      uri: this.#to,
      branch: this.branch,
      headers: this.#common(1, 'ACK', final.header('To')),
    });
  }

  cancel(): void {
    this.phone.send({
      method: 'CANCEL',
      uri: this.#to,
      branch: this.branch,
      headers: this.#common(1, 'CANCEL', `<${this.#to}>`),
    });
  }

  within(method: string, body = '', cseq?: number): void {
    if (cseq === undefined) this.#cseq += 1;
    this.phone.send({
      method,
      uri: this.#target,
      headers: [
        ...this.#routes.map((route) => `Route: ${route}`),
        ...this.#common(cseq ?? this.#cseq, method, this.#remote),
        `Contact: ${this.phone.contact}`,
      ],
      body,
    });
  }

  outcome(method: string): Promise<RawMessage> {
    return this.phone.wire.next(
      (it) =>
        it.status >= 200 &&
        it.header('Call-ID') === this.callId &&
        it.header('CSeq').endsWith(method),
    );
  }
}

/** A response to a request that came in, with the headers that must be copied. */
export function reply(
  phone: RawPhone,
  request: RawMessage,
  line: string,
  options: {
    readonly tag?: string;
    readonly body?: string;
    readonly headers?: readonly string[];
  } = {},
): void {
  const { tag, body = '', headers = [] } = options;
  const to = request.header('To');
  phone.wire.send(
    [
      `SIP/2.0 ${line}`,
      ...request.all('Via').map((it) => `Via: ${it}`),
      ...request.all('Record-Route').map((it) => `Record-Route: ${it}`),
      `From: ${request.header('From')}`,
      `To: ${tag === undefined || to.includes('tag=') ? to : `${to};tag=${tag}`}`,
      `Call-ID: ${request.header('Call-ID')}`,
      `CSeq: ${request.header('CSeq')}`,
      `Contact: ${phone.contact}`,
      ...headers,
      ...(body === '' ? [] : ['Content-Type: application/sdp']),
      `Content-Length: ${String(body.length)}`,
      '',
      body,
    ].join('\r\n'),
  );
}

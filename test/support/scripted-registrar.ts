import { createHash, randomUUID } from 'node:crypto';
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer, isIPv6, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';

/** A SIP message as text; nothing here is shared with the code under test. */
export interface Text {
  readonly startLine: string;
  /** Method, or the three digits of a status. */
  readonly kind: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
  readonly raw: string;
}

export const header = (text: Text, name: string): string =>
  text.headers.find(([it]) => it.toLowerCase() === name.toLowerCase())?.[1] ?? '';
export const headersOf = (text: Text, name: string): string[] =>
  text.headers.filter(([it]) => it.toLowerCase() === name.toLowerCase()).map(([, value]) => value);

export function read(raw: string): Text {
  const [head = '', ...rest] = raw.split('\r\n\r\n');
  const [startLine = '', ...lines] = head.split('\r\n');
  const words = startLine.split(' ');
  return {
    startLine,
    kind: (startLine.startsWith('SIP/2.0') ? words[1] : words[0]) ?? '',
    headers: lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
    }),
    body: rest.join('\r\n\r\n'),
    raw,
  };
}

interface ReplyOptions {
  readonly headers?: readonly string[];
  readonly body?: string;
  readonly toTag?: string;
  readonly reason?: string;
}

const saysType = ({ headers = [] }: ReplyOptions): boolean =>
  headers.some((it) => /^content-type:/i.test(it));

interface RegistrarOptions {
  readonly realm: string;
  readonly username: string;
  readonly password: string;
  readonly algorithm?: 'MD5' | 'MD5-sess' | 'SHA-256';
  readonly qop?: 'auth' | 'auth-int';
  /** Answers every response with stale once more. */
  readonly staleFirst?: boolean;
  readonly headers?: readonly string[];
  readonly expiresS?: number;
}

export interface RequestOptions {
  readonly uri?: string;
  readonly headers: readonly string[];
  readonly body?: string;
  /** Of the body; a session description where it is not said. */
  readonly contentType?: string;
}

const hash = (algorithm: string, text: string): string =>
  createHash(algorithm).update(text).digest('hex');

/** A P-CSCF, registrar and far end in one, as told by the test. TCP and UDP on the same port. */
export class ScriptedRegistrar {
  readonly address: string;
  readonly received: Text[] = [];
  readonly #waiting: { matches: (text: Text) => boolean; take: (text: Text) => void }[] = [];
  readonly #unread: Text[] = [];
  readonly #connections = new Set<Socket>();
  readonly #handlers = new Map<string, (text: Text) => void>();
  #seesConnection: (socket: Socket) => void = () => undefined;
  #answersStun: (request: Buffer, reply: (answer: Buffer) => void) => void = () => undefined;
  #loses: (text: Text) => boolean = () => false;
  #tcp: Server | undefined;
  #udp: UdpSocket | undefined;
  #reply: (raw: string | Buffer) => void = () => {
    throw new Error('nobody has written to the scripted registrar yet');
  };

  constructor(address = '127.0.41.1') {
    this.address = address;
  }

  get port(): number {
    const bound = this.#tcp?.address();
    return typeof bound === 'object' && bound ? bound.port : 0;
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  async start(port = 0): Promise<this> {
    const tcp = createServer((socket) => {
      this.#connected(socket);
    });
    this.#tcp = tcp;
    await new Promise<void>((resolve) => tcp.listen(port, this.address, resolve));
    const udp = createSocket(isIPv6(this.address) ? 'udp6' : 'udp4');
    this.#udp = udp;
    udp.on('message', (bytes, from) => {
      if (bytes.length < 5) return;
      if ((bytes[0] ?? 0) < 0x40) {
        this.#answersStun(bytes, (answer) => {
          udp.send(answer, from.port, from.address);
        });
        return;
      }
      this.#arrived(bytes.toString(), (raw) => {
        udp.send(raw, from.port, from.address);
      });
    });
    await new Promise<void>((resolve) => udp.bind(this.port, this.address, resolve));
    return this;
  }

  /** TLS alone, and nothing in clear text. */
  async startTls(options: TlsOptions): Promise<this> {
    const tls = createTlsServer(options, (socket) => {
      this.#connected(socket);
    });
    tls.on('tlsClientError', () => undefined);
    this.#tcp = tls;
    await new Promise<void>((resolve) => tls.listen(0, this.address, resolve));
    return this;
  }

  async stop(): Promise<void> {
    await this.refuseTcp();
    const udp = this.#udp;
    this.#udp = undefined;
    if (udp) await new Promise<void>((resolve) => udp.close(resolve));
  }

  /** From now on whoever connects is refused. */
  async refuseTcp(): Promise<void> {
    this.cutConnections();
    const tcp = this.#tcp;
    this.#tcp = undefined;
    if (tcp) await new Promise((resolve) => tcp.close(resolve));
  }

  cutConnections(): void {
    for (const connection of this.#connections) connection.destroy();
  }

  /** Messages for which this is true are as if the network had lost them. */
  lose(predicate: (text: Text) => boolean): void {
    this.#loses = predicate;
  }

  /** What is done about a binding request; nothing where it is not said. */
  answerStun(answer: (request: Buffer, reply: (answer: Buffer) => void) => void): void {
    this.#answersStun = answer;
  }

  on(method: string, handle: (text: Text) => void): void {
    this.#handlers.set(method, handle);
  }

  /** The next message nobody has taken yet that matches: a method or status, or a predicate. */
  next(what: string | ((text: Text) => boolean), withinMs = 10_000): Promise<Text> {
    const matches = typeof what === 'string' ? (text: Text) => text.kind === what : what;
    const at = this.#unread.findIndex(matches);
    if (at >= 0) return Promise.resolve(this.#unread.splice(at, 1)[0] as Text);
    return new Promise((take, fail) => {
      const timer = setTimeout(() => {
        const seen = this.received.map((it) => it.startLine).join(' | ');
        fail(new Error(`waited for ${String(what)}, saw: ${seen}`));
      }, withinMs);
      this.#waiting.push({
        matches,
        take: (text) => {
          clearTimeout(timer);
          take(text);
        },
      });
    });
  }

  send(raw: string | Buffer): void {
    this.#reply(raw);
  }

  /** The way back to whoever wrote last, kept for later. */
  get wayBack(): (raw: string | Buffer) => void {
    return this.#reply;
  }

  reply(request: Text, status: number, options: ReplyOptions = {}): void {
    this.send(this.answer(request, status, options));
  }

  answer(request: Text, status: number, options: ReplyOptions = {}): string {
    const to = header(request, 'To');
    const tag = options.toTag ?? 'scripted';
    const body = options.body ?? '';
    return [
      `SIP/2.0 ${String(status)} ${options.reason ?? 'Scripted'}`,
      ...headersOf(request, 'Via').map((it) => `Via: ${it}`),
      `From: ${header(request, 'From')}`,
      `To: ${to.includes(';tag=') || status === 100 ? to : `${to};tag=${tag}`}`,
      `Call-ID: ${header(request, 'Call-ID')}`,
      `CSeq: ${header(request, 'CSeq')}`,
      ...(options.headers ?? []),
      ...(body === '' || saysType(options) ? [] : ['Content-Type: application/sdp']),
      `Content-Length: ${String(Buffer.byteLength(body))}`,
      '',
      body,
    ].join('\r\n');
  }

  request(method: string, options: RequestOptions): string {
    const {
      body = '',
      contentType = 'application/sdp',
      headers,
      uri = 'sip:x@127.0.0.1',
    } = options;
    const branch = `z9hG4bK${randomUUID()}`;
    const host = isIPv6(this.address) ? `[${this.address}]` : this.address;
    const via = `Via: SIP/2.0/TCP ${host}:${String(this.port)};branch=${branch}`;
    this.send(
      [
        `${method} ${uri} SIP/2.0`,
        ...(headers.some((it) => it.startsWith('Via:')) ? [] : [via]),
        'Max-Forwards: 70',
        ...headers,
        ...(body === '' ? [] : [`Content-Type: ${contentType}`]),
        `Content-Length: ${String(Buffer.byteLength(body))}`,
        '',
        body,
      ].join('\r\n'),
    );
    return branch;
  }

  /**
   * From now on REGISTER is challenged, its answer checked, and 200 or 403 given. Who subscribes to
   * events is told that there are none, until a handler says otherwise.
   */
  serveRegistrations(options: RegistrarOptions): void {
    this.on('SUBSCRIBE', (request) => {
      this.reply(request, 489);
    });
    let nonce = '';
    let isFresh = true;
    const challenge = (request: Text, stale: boolean): void => {
      nonce = randomUUID();
      const { algorithm = 'MD5', qop = 'auth', realm } = options;
      const marks = stale ? ', stale=true' : '';
      this.reply(request, 401, {
        headers: [
          `WWW-Authenticate: Digest realm="${realm}", nonce="${nonce}", algorithm=${algorithm}, qop="${qop}"${marks}`,
        ],
      });
    };
    this.on('REGISTER', (request) => {
      const sent = header(request, 'Authorization');
      if (nonce === '' || !sent.includes(nonce)) {
        challenge(request, false);
        return;
      }
      if (!isRight(request, options)) {
        this.reply(request, 403);
        return;
      }
      if (options.staleFirst && isFresh) {
        isFresh = false;
        challenge(request, true);
        return;
      }
      const expires = header(request, 'Expires') === '0' ? 0 : (options.expiresS ?? 600_000);
      const contact = header(request, 'Contact');
      this.reply(request, 200, {
        headers: [`Contact: ${contact};expires=${String(expires)}`, ...(options.headers ?? [])],
      });
    });
  }

  whenConnected(see: (socket: Socket) => void): void {
    this.#seesConnection = see;
  }

  #connected(socket: Socket): void {
    this.#seesConnection(socket);
    let buffer = '';
    this.#connections.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.#connections.delete(socket));
    socket.on('data', (bytes) => {
      buffer += bytes.toString('latin1');
      for (;;) {
        buffer = buffer.replace(/^(\r\n)+/, '');
        const end = buffer.indexOf('\r\n\r\n');
        if (end < 0) return;
        const length = Number(/\r\nContent-Length: *(\d+)/i.exec(buffer.slice(0, end))?.[1] ?? 0);
        if (buffer.length < end + 4 + length) return;
        const raw = Buffer.from(buffer.slice(0, end + 4 + length), 'latin1').toString();
        buffer = buffer.slice(end + 4 + length);
        this.#arrived(raw, (text) => socket.write(text));
      }
    });
  }

  #arrived(raw: string, reply: (raw: string | Buffer) => void): void {
    const text = read(raw);
    if (this.#loses(text)) return;
    this.#reply = reply;
    this.received.push(text);
    const handle = this.#handlers.get(text.kind);
    if (handle) {
      handle(text);
      return;
    }
    const at = this.#waiting.findIndex(({ matches }) => matches(text));
    if (at >= 0) this.#waiting.splice(at, 1)[0]?.take(text);
    else this.#unread.push(text);
  }
}

/** RFC 7616 §3.4.1 once more, written apart from the code under test. */
function isRight(request: Text, options: RegistrarOptions): boolean {
  const sent = header(request, 'Authorization');
  const field = (name: string): string =>
    new RegExp(`[ ,]${name}="?([^",]*)"?`).exec(sent)?.[1] ?? '';
  const name = options.algorithm === 'SHA-256' ? 'sha256' : 'md5';
  const first = hash(name, `${options.username}:${options.realm}:${options.password}`);
  const a1 =
    options.algorithm === 'MD5-sess'
      ? hash(name, `${first}:${field('nonce')}:${field('cnonce')}`)
      : first;
  const uri = request.startLine.split(' ')[1] ?? '';
  const a2 =
    field('qop') === 'auth-int'
      ? hash(name, `${request.kind}:${uri}:${hash(name, request.body)}`)
      : hash(name, `${request.kind}:${uri}`);
  const wanted = [a1, field('nonce'), field('nc'), field('cnonce'), field('qop'), a2].join(':');
  return field('username') === options.username && field('response') === hash(name, wanted);
}

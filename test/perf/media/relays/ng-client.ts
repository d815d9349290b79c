import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

export type NgValue = string | number | readonly NgValue[] | { readonly [name: string]: NgValue };
export type NgAnswer = Readonly<Record<string, unknown>>;

const ANSWER_MS = 5_000;

/** The control protocol of rtpengine: a cookie, a blank, and a dictionary in bencoding. */
export class NgClient {
  readonly #socket: Socket;
  readonly #port: number;
  readonly #waiting = new Map<string, (answer: NgAnswer) => void>();
  #cookies = 0;

  private constructor(socket: Socket, port: number) {
    this.#socket = socket;
    this.#port = port;
    socket.on('message', (packet) => {
      const blank = packet.indexOf(' ');
      const cookie = packet.toString('latin1', 0, blank);
      const answer = new BencodeReader(packet.subarray(blank + 1)).value();
      this.#waiting.get(cookie)?.(answer as NgAnswer);
      this.#waiting.delete(cookie);
    });
  }

  static async open(port: number): Promise<NgClient> {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new NgClient(socket, port);
  }

  ask(request: { readonly [name: string]: NgValue }): Promise<NgAnswer> {
    this.#cookies += 1;
    const cookie = `bench${String(this.#cookies)}`;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(cookie);
        reject(new Error(`rtpengine did not answer ${JSON.stringify(request['command'])}`));
      }, ANSWER_MS);
      this.#waiting.set(cookie, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
      this.#socket.send(`${cookie} ${bencode(request)}`, this.#port, '127.0.0.1');
    });
  }

  close(): void {
    this.#socket.close();
  }
}

export function bencode(value: NgValue): string {
  if (typeof value === 'number') return `i${String(value)}e`;
  if (typeof value === 'string') return `${String(Buffer.byteLength(value))}:${value}`;
  if (isList(value)) return `l${value.map(bencode).join('')}e`;
  const pairs = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return `d${pairs.map(([name, it]) => bencode(name) + bencode(it)).join('')}e`;
}

const isList = (value: NgValue): value is readonly NgValue[] => Array.isArray(value);

export class BencodeReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  value(): unknown {
    const kind = String.fromCharCode(this.#bytes[this.#at] ?? 0);
    if (kind === 'i') return Number(this.#upTo('e', 1));
    if (kind === 'l') return this.#items();
    if (kind === 'd') {
      const items = this.#items();
      const pairs = items.flatMap((it, at) => (at % 2 === 0 ? [[String(it), items[at + 1]]] : []));
      return Object.fromEntries(pairs) as unknown;
    }
    const length = Number(this.#upTo(':', 0));
    const start = this.#at;
    this.#at += length;
    return this.#bytes.toString('latin1', start, this.#at);
  }

  #items(): readonly unknown[] {
    const items: unknown[] = [];
    this.#at += 1;
    while (this.#at < this.#bytes.length && this.#bytes[this.#at] !== 'e'.charCodeAt(0)) {
      items.push(this.value());
    }
    this.#at += 1;
    return items;
  }

  #upTo(end: string, skipped: number): string {
    const start = this.#at + skipped;
    const at = this.#bytes.indexOf(end, start);
    this.#at = (at < 0 ? this.#bytes.length : at) + 1;
    return this.#bytes.toString('latin1', start, at < 0 ? this.#bytes.length : at);
  }
}

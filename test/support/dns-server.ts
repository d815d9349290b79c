import { createSocket, type Socket } from 'node:dgram';

export type DnsRecord =
  | { readonly type: 'A' | 'AAAA'; readonly address: string }
  | {
      readonly type: 'SRV';
      readonly priority: number;
      readonly weight: number;
      readonly port: number;
      readonly target: string;
    }
  | {
      readonly type: 'NAPTR';
      readonly order: number;
      readonly preference: number;
      readonly flags: string;
      readonly service: string;
      readonly replacement: string;
    };

type Zone = Readonly<Record<string, readonly DnsRecord[]>>;

const TYPES: Readonly<Record<DnsRecord['type'], number>> = { A: 1, AAAA: 28, SRV: 33, NAPTR: 35 };
const REFUSALS = { 'no such name': 3, 'server failure': 2 } as const;

const u16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);
const textOf = (value: string): Buffer =>
  Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);
const nameOf = (name: string): Buffer =>
  Buffer.concat([
    ...name
      .split('.')
      .filter((it) => it !== '')
      .map(textOf),
    Buffer.from([0]),
  ]);

function ipv6(address: string): Buffer {
  const [head = '', tail] = address.split('::');
  const groups = (text: string): number[] =>
    text
      .split(':')
      .filter((it) => it !== '')
      .map((it) => Number.parseInt(it, 16));
  const left = groups(head);
  const right = groups(tail ?? '');
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => 0);
  return Buffer.concat([...left, ...zeros, ...right].map(u16));
}

function encoded(record: DnsRecord): Buffer {
  switch (record.type) {
    case 'A':
      return Buffer.from(record.address.split('.').map(Number));
    case 'AAAA':
      return ipv6(record.address);
    case 'SRV': {
      const { port, priority, target, weight } = record;
      return Buffer.concat([u16(priority), u16(weight), u16(port), nameOf(target)]);
    }
    case 'NAPTR': {
      const { flags, order, preference, replacement, service } = record;
      const texts = [flags, service, ''].map(textOf);
      return Buffer.concat([u16(order), u16(preference), ...texts, nameOf(replacement)]);
    }
    default:
      throw new TypeError('a record of no known type');
  }
}

/** A DNS server (RFC 1035) that knows what the test has told it; written apart from any resolver. */
export class DnsServer {
  readonly asked: string[] = [];
  zone: Zone;
  ttlS = 60;
  /** Names it does not answer for, as if it were down. */
  silent: (name: string) => boolean = () => false;
  fails = false;
  readonly #socket: Socket;

  private constructor(socket: Socket, zone: Zone) {
    this.#socket = socket;
    this.zone = zone;
    socket.on('message', (query, from) => {
      const answer = this.#answer(query);
      if (answer) socket.send(answer, from.port, from.address);
    });
  }

  static async start(zone: Zone): Promise<DnsServer> {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, '127.0.53.1', resolve));
    return new DnsServer(socket, zone);
  }

  /** As `DNS_SERVERS` takes it. */
  get address(): string {
    const { address, port } = this.#socket.address();
    return `${address}:${String(port)}`;
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.close(resolve));
  }

  #answer(query: Buffer): Buffer | undefined {
    const labels: string[] = [];
    let at = 12;
    for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
      labels.push(query.toString('latin1', at + 1, at + 1 + length).toLowerCase());
      at += length + 1;
    }
    const name = labels.join('.');
    const type = query.readUInt16BE(at + 1);
    const kind = Object.entries(TYPES).find(([, code]) => code === type)?.[0] ?? String(type);
    this.asked.push(`${kind} ${name}`);
    if (this.silent(name)) return undefined;
    const known = this.zone[name];
    const found = (known ?? []).filter((it) => TYPES[it.type] === type);
    const refusal = known ? 0 : REFUSALS['no such name'];
    const code = this.fails ? REFUSALS['server failure'] : refusal;
    const records = code === 0 ? found : [];
    return Buffer.concat([
      query.subarray(0, 2),
      ...[u16(0x8180 | code), u16(1), u16(records.length), u16(0), u16(0)],
      query.subarray(12, at + 5),
      ...records.flatMap((record) => {
        const value = encoded(record);
        // 0xc00c: the name that was asked for.
        return [u16(0xc00c), u16(type), u16(1), u16(0), u16(this.ttlS), u16(value.length), value];
      }),
    ]);
  }
}

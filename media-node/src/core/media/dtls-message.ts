import { concatBytes, viewOf } from './bytes.ts';

/** Handshake types (RFC 5246 §7.4). */
export const CLIENT_HELLO = 1;
export const CERTIFICATE = 11;
export const CERTIFICATE_VERIFY = 15;
export const CLIENT_KEY_EXCHANGE = 16;
export const FINISHED = 20;

/** A whole handshake message, put together from its fragments. */
export interface HandshakeMessage {
  readonly type: number;
  readonly sequence: number;
  readonly body: Uint8Array;
}

/** As if it had come in one fragment, which is how it is hashed (RFC 6347 §4.2.6). */
export function writeHandshake({ type, sequence, body }: HandshakeMessage): Uint8Array {
  const header = new Uint8Array(12);
  const view = viewOf(header);
  // Lengths have three octets: the type goes over the fourth of one, the other ends the header.
  view.setUint32(0, body.length);
  view.setUint8(0, type);
  view.setUint16(4, sequence);
  view.setUint32(8, body.length);
  return concatBytes(header, body);
}

export interface ClientHello {
  readonly version: number;
  readonly random: Uint8Array;
  readonly cookie: Uint8Array;
  readonly extensions: ReadonlyMap<number, Uint8Array>;
}

/** RFC 6347 §4.2.1; `undefined` for what is cut short or says one thing twice. */
export function readClientHello(body: Uint8Array): ClientHello | undefined {
  const reader = new VectorReader(body);
  const version = reader.number(2);
  const random = reader.take(32);
  reader.vector(1);
  const cookie = reader.vector(1);
  reader.vector(2);
  reader.vector(1);
  const list = new VectorReader(reader.vector(2));
  if (!(reader.isDone && reader.isWhole)) return undefined;
  const extensions = new Map<number, Uint8Array>();
  while (!list.isDone) {
    const type = list.number(2);
    if (extensions.has(type)) return undefined;
    extensions.set(type, list.vector(2));
  }
  return list.isWhole ? { version, random, cookie, extensions } : undefined;
}

/** The sender's own certificate is the first (RFC 5246 §7.4.2). */
export function readCertificate(body: Uint8Array): Uint8Array | undefined {
  const first = new VectorReader(new VectorReader(body).vector(3)).vector(3);
  return first.length > 0 ? first : undefined;
}

/** RFC 5246 §7.4.8. */
export function readCertificateVerify(
  body: Uint8Array,
): { readonly scheme: number; readonly signature: Uint8Array } | undefined {
  const reader = new VectorReader(body);
  const scheme = reader.number(2);
  const signature = reader.vector(2);
  return reader.isWhole && reader.isDone ? { scheme, signature } : undefined;
}

/** Walks the length-prefixed fields of TLS; beyond the end everything is empty and `isWhole` false. */
class VectorReader {
  readonly #bytes: Uint8Array;
  #offset = 0;
  isWhole = true;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isDone(): boolean {
    return !this.isWhole || this.#offset === this.#bytes.length;
  }

  take(lengthBytes: number): Uint8Array {
    const end = this.#offset + lengthBytes;
    if (end > this.#bytes.length) this.isWhole = false;
    if (!this.isWhole) return new Uint8Array(0);
    const taken = this.#bytes.subarray(this.#offset, end);
    this.#offset = end;
    return taken;
  }

  number(lengthBytes: number): number {
    return this.take(lengthBytes).reduce((value, byte) => value * 256 + byte, 0);
  }

  vector(prefixBytes: number): Uint8Array {
    return this.take(this.number(prefixBytes));
  }
}

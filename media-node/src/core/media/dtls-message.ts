import { concatBytes, viewOf } from './bytes.ts';

/** Handshake types (RFC 5246 §7.4). */
export const CLIENT_HELLO = 1;
export const SERVER_HELLO = 2;
export const HELLO_VERIFY_REQUEST = 3;
export const CERTIFICATE = 11;
export const SERVER_KEY_EXCHANGE = 12;
export const CERTIFICATE_REQUEST = 13;
export const SERVER_HELLO_DONE = 14;
export const CERTIFICATE_VERIFY = 15;
export const CLIENT_KEY_EXCHANGE = 16;
export const FINISHED = 20;

/** DTLS 1.3 bears this number too (RFC 9147 §5.3). */
export const DTLS_1_2 = 0xfefd;
/** An extension (RFC 7627 §5.1). */
export const EXTENDED_MASTER_SECRET = 23;
const NAMED_CURVE = 3;

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
  /** Two octets each. */
  readonly suites: Uint8Array;
  readonly extensions: ReadonlyMap<number, Uint8Array>;
}

/** RFC 6347 §4.2.1; `undefined` for what is cut short or says one thing twice. */
export function readClientHello(body: Uint8Array): ClientHello | undefined {
  const reader = new VectorReader(body);
  const version = reader.number(2);
  const random = reader.take(32);
  reader.vector(1);
  const cookie = reader.vector(1);
  const suites = reader.vector(2);
  reader.vector(1);
  const extensions = readExtensions(reader);
  return extensions && { version, random, cookie, suites, extensions };
}

export interface ServerHello {
  readonly version: number;
  readonly random: Uint8Array;
  readonly suite: number;
  readonly compression: number;
  readonly extensions: ReadonlyMap<number, Uint8Array>;
}

/** RFC 5246 §7.4.1.3; as of a client's. */
export function readServerHello(body: Uint8Array): ServerHello | undefined {
  const reader = new VectorReader(body);
  const version = reader.number(2);
  const random = reader.take(32);
  reader.vector(1);
  const suite = reader.number(2);
  const compression = reader.number(1);
  const extensions = readExtensions(reader);
  return extensions && { version, random, suite, compression, extensions };
}

/** To the end of a hello. */
function readExtensions(reader: VectorReader): ReadonlyMap<number, Uint8Array> | undefined {
  const list = new VectorReader(reader.vector(2));
  if (!(reader.isDone && reader.isWhole)) return undefined;
  const extensions = new Map<number, Uint8Array>();
  while (!list.isDone) {
    const type = list.number(2);
    if (extensions.has(type)) return undefined;
    extensions.set(type, list.vector(2));
  }
  return list.isWhole ? extensions : undefined;
}

/** Whether it asks for its cookie and says nothing else (RFC 6347 §4.2.1). */
export function isVerifyRequest(body: Uint8Array): boolean {
  const reader = new VectorReader(body);
  reader.number(2);
  const cookie = reader.vector(1);
  return cookie.length > 0 && reader.isDone && reader.isWhole;
}

export interface ServerKeyExchange {
  /** What is signed, behind both randoms: the group and the server's key in it. */
  readonly parameters: Uint8Array;
  readonly scheme: number;
  readonly signature: Uint8Array;
}

/** Of an ephemeral key on a named curve (RFC 8422 §5.4). */
export function readServerKeyExchange(body: Uint8Array): ServerKeyExchange | undefined {
  const reader = new VectorReader(body);
  const curveType = reader.number(1);
  reader.number(2);
  const keyBytes = reader.vector(1).length;
  const parameters = body.subarray(0, 4 + keyBytes);
  const scheme = reader.number(2);
  const signature = reader.vector(2);
  const isRead = reader.isWhole && reader.isDone && curveType === NAMED_CURVE;
  return isRead ? { parameters, scheme, signature } : undefined;
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

import type { Fingerprints } from '../sdp/fingerprint.ts';
import { concatBytes, equalBytes } from './bytes.ts';
import { type DtlsCrypto, isNamedBy, verifyData } from './dtls-crypto.ts';
import {
  CERTIFICATE,
  CERTIFICATE_VERIFY,
  CLIENT_HELLO,
  CLIENT_KEY_EXCHANGE,
  type ClientHello,
  DTLS_1_2,
  EXTENDED_MASTER_SECRET,
  FINISHED,
  type HandshakeMessage,
  readCertificate,
  readCertificateVerify,
  readClientHello,
  writeHandshake,
} from './dtls-message.ts';

const SUPPORTED_GROUPS = 10;
const USE_SRTP = 14;

/** What the library remembers of the first ClientHello and never looks at in the second. */
const REMEMBERED = [SUPPORTED_GROUPS, USE_SRTP, EXTENDED_MASTER_SECRET];

/** What a client that was asked for a certificate says after our flight (RFC 5246 §7.3). */
const CLIENT_FLIGHT = [CERTIFICATE, CLIENT_KEY_EXCHANGE, CERTIFICATE_VERIFY, FINISHED];

/** Our own side of the handshake as it stands. */
export interface ServerSide {
  /** ServerHello to ServerHelloDone as they were sent. */
  readonly flight: readonly HandshakeMessage[];
  readonly masterSecret: Uint8Array;
}

/** `drop` is for what anybody could have sent; a refusal, of what came under its keys, ends the session. */
export type Judgement = 'pass' | 'drop' | { readonly refused: string };

/**
 * Lets a client's handshake messages through to a DTLS server that checks none of their proofs: once
 * each, in order, and only if the certificate is the one named in signalling, its key signed
 * this very handshake and Finished confirms it. So what was proven is what the keys are made of. What is
 * wrong in the clear may be somebody else's, and the right one may still come.
 */
export class HandshakeGuard {
  readonly #crypto: DtlsCrypto;
  readonly #named: Fingerprints;
  readonly #server: ServerSide;
  #firstHello: ClientHello | undefined;
  /** From the ClientHello with the right cookie on. */
  readonly #accepted: HandshakeMessage[] = [];
  #certificate: Uint8Array = new Uint8Array(0);
  #isRefused = false;
  #doubt: string | undefined;

  constructor(crypto: DtlsCrypto, named: Fingerprints, server: ServerSide) {
    this.#crypto = crypto;
    this.#named = named;
    this.#server = server;
  }

  get isProven(): boolean {
    return !this.#isRefused && this.#accepted.at(-1)?.type === FINISHED;
  }

  /** What came in the clear and proved something else; the peer has still to be heard of. */
  get doubt(): string | undefined {
    return this.isProven ? undefined : this.#doubt;
  }

  judge(message: HandshakeMessage): Judgement {
    if (this.#isRefused) return 'drop';
    if (this.#accepted.some((it) => isSame(it, message))) return this.#judgeRepeated(message);
    const judgement =
      message.type === CLIENT_HELLO ? this.#judgeHello(message) : this.#judgeNext(message);
    if (typeof judgement === 'object') this.#isRefused = true;
    return judgement;
  }

  /** Only these two make the server repeat its flight; a repeated key exchange would redo the keys. */
  #judgeRepeated({ type }: HandshakeMessage): Judgement {
    if (type === FINISHED) return 'pass';
    return type === CLIENT_HELLO && !this.isProven ? 'pass' : 'drop';
  }

  #judgeHello(message: HandshakeMessage): Judgement {
    const hello = readClientHello(message.body);
    if (this.#accepted.length > 0 || !hello || !isAcceptable(hello)) return 'drop';
    if (hello.cookie.length === 0) this.#firstHello = hello;
    else if (this.#firstHello && isContinued(this.#firstHello, hello)) this.#accepted.push(message);
    else return 'drop';
    return 'pass';
  }

  #judgeNext(message: HandshakeMessage): Judgement {
    const hello = this.#accepted[0];
    if (!hello || this.isProven || message.sequence !== hello.sequence + this.#accepted.length)
      return 'drop';
    const expected = CLIENT_FLIGHT[this.#accepted.length - 1];
    if (message.type === FINISHED && expected !== FINISHED) {
      return { refused: 'key possession not proven' };
    }
    if (message.type !== expected) return 'drop';
    const fault = this.#fault(message);
    if (fault === undefined) {
      this.#accepted.push(message);
      return 'pass';
    }
    if (message.type === FINISHED) return { refused: fault };
    this.#doubt = fault;
    return 'drop';
  }

  #fault({ type, body }: HandshakeMessage): string | undefined {
    if (type === CERTIFICATE) {
      this.#certificate = readCertificate(body) ?? new Uint8Array(0);
      const isNamed = isNamedBy(this.#crypto, this.#named, this.#certificate);
      return isNamed ? undefined : 'the certificate is not the one named';
    }
    if (type === CERTIFICATE_VERIFY) {
      return this.#isKeyProven(body) ? undefined : 'key possession not proven';
    }
    if (type !== FINISHED) return undefined;
    const { masterSecret } = this.#server;
    const transcript = this.#transcript();
    const expected = verifyData(this.#crypto, 'client', { masterSecret, transcript });
    return equalBytes(body, expected) ? undefined : 'the handshake is not confirmed';
  }

  #isKeyProven(body: Uint8Array): boolean {
    const verify = readCertificateVerify(body);
    const data = this.#transcript();
    return verify !== undefined && this.#crypto.isSignedBy(this.#certificate, { ...verify, data });
  }

  /** Neither the first ClientHello nor HelloVerifyRequest is part of it (RFC 6347 §4.2.1). */
  #transcript(): Uint8Array {
    const [hello, ...rest] = this.#accepted;
    const all = hello ? [hello, ...this.#server.flight, ...rest] : [];
    return concatBytes(...all.map(writeHandshake));
  }
}

const isSame = (a: HandshakeMessage, b: HandshakeMessage): boolean =>
  a.type === b.type && a.sequence === b.sequence && equalBytes(a.body, b.body);

/** Every browser offers the extension (RFC 7627). */
const isAcceptable = ({ version, extensions }: ClientHello): boolean =>
  version === DTLS_1_2 && extensions.has(EXTENDED_MASTER_SECRET);

const isContinued = (first: ClientHello, second: ClientHello): boolean =>
  equalBytes(first.random, second.random) &&
  REMEMBERED.every((type) => {
    const [before, after] = [first.extensions.get(type), second.extensions.get(type)];
    return before && after ? equalBytes(before, after) : before === after;
  });

import type { Fingerprints } from '../sdp/fingerprint.ts';
import { concatBytes, equalBytes, viewOf } from './bytes.ts';
import { type DtlsCrypto, isNamedBy, verifyData } from './dtls-crypto.ts';
import {
  CERTIFICATE,
  CERTIFICATE_REQUEST,
  type ClientHello,
  DTLS_1_2,
  EXTENDED_MASTER_SECRET,
  FINISHED,
  type HandshakeMessage,
  HELLO_VERIFY_REQUEST,
  isVerifyRequest,
  readCertificate,
  readClientHello,
  readServerHello,
  readServerKeyExchange,
  SERVER_HELLO,
  SERVER_HELLO_DONE,
  SERVER_KEY_EXCHANGE,
  type ServerHello,
  writeHandshake,
} from './dtls-message.ts';

/** With what a server answers a hello (RFC 5246 §7.3); it need not ask for our certificate. */
const SERVER_FLIGHTS = [
  [SERVER_HELLO, CERTIFICATE, SERVER_KEY_EXCHANGE, CERTIFICATE_REQUEST, SERVER_HELLO_DONE],
  [SERVER_HELLO, CERTIFICATE, SERVER_KEY_EXCHANGE, SERVER_HELLO_DONE],
];

/** Our own side of the handshake as it stands. */
export interface ClientSide {
  /** The one that is to be answered: with the cookie, where that was asked for. */
  readonly hello: HandshakeMessage | undefined;
  /** What we have said after the server's flight, Finished included. */
  readonly flight: readonly HandshakeMessage[];
  readonly masterSecret: Uint8Array;
}

/** What goes to the library now; a refusal, of what came under its keys, ends the session. */
export type FlightJudgement =
  | 'drop'
  | 'keep'
  | { readonly passed: readonly HandshakeMessage[] }
  | { readonly refused: string };

/**
 * Lets a server's handshake messages through to a DTLS client that checks none of their proofs: its
 * flight whole and at once, if the certificate is one that was named in signalling and its key
 * signed both randoms and the key exchange; then Finished, if it confirms what both have said. Until
 * the flight is proven a later message takes the place of an earlier one: in the clear either
 * may be somebody else's, and a server that hears nothing repeats its own.
 */
export class ServerFlightGuard {
  readonly #crypto: DtlsCrypto;
  readonly #named: Fingerprints;
  readonly #client: ClientSide;
  /** By their sequence numbers, which the filter of records bounds. */
  readonly #said = new Map<number, HandshakeMessage>();
  #flight: readonly HandshakeMessage[] = [];
  #isAskedForCookie = false;
  #isRefused = false;
  #isConfirmed = false;
  #doubt: string | undefined;

  constructor(crypto: DtlsCrypto, named: Fingerprints, client: ClientSide) {
    this.#crypto = crypto;
    this.#named = named;
    this.#client = client;
  }

  get isProven(): boolean {
    return this.#isConfirmed && !this.#isRefused;
  }

  /** The peer has proven to have the key, and the library answers it. */
  get hasFlight(): boolean {
    return this.#flight.length > 0;
  }

  /** What came in the clear and proved something else; the peer has still to be heard of. */
  get doubt(): string | undefined {
    return this.hasFlight ? undefined : this.#doubt;
  }

  judge(message: HandshakeMessage): FlightJudgement {
    if (this.#isRefused || this.#isConfirmed) return 'drop';
    if (message.type === FINISHED) return this.#judgeFinished(message);
    // A repeated flight says that ours was lost, which the library repeats by itself.
    if (this.hasFlight) return 'drop';
    if (message.type === HELLO_VERIFY_REQUEST) return this.#judgeVerifyRequest(message);
    const fault = this.#faultOf(message);
    if (fault !== undefined) return this.#doubtAt(fault);
    this.#said.set(message.sequence, message);
    return this.#judgeFlight();
  }

  /** A repeated hello is asked twice; the library would begin afresh in the middle. */
  #judgeVerifyRequest(message: HandshakeMessage): FlightJudgement {
    if (this.#isAskedForCookie || !isVerifyRequest(message.body)) return 'drop';
    this.#isAskedForCookie = true;
    return { passed: [message] };
  }

  #judgeFlight(): FlightJudgement {
    const flight = [...this.#said.values()]
      .filter(({ type }) => type === SERVER_HELLO)
      .map((hello) => this.#flightFrom(hello))
      .find((it) => it !== undefined);
    if (!flight) return 'keep';
    if (!this.#isKeyProven(flight)) {
      this.#said.clear();
      return this.#doubtAt('key possession not proven');
    }
    this.#flight = flight;
    return { passed: flight };
  }

  #judgeFinished(message: HandshakeMessage): FlightJudgement {
    if (!this.hasFlight) return 'drop';
    const { masterSecret, flight } = this.#client;
    const hello = this.#client.hello ? [this.#client.hello] : [];
    const all = [...hello, ...this.#flight, ...flight];
    const transcript = concatBytes(...all.map(writeHandshake));
    const expected = verifyData(this.#crypto, 'server', { masterSecret, transcript });
    this.#isConfirmed = equalBytes(message.body, expected);
    if (this.#isConfirmed) return { passed: [message] };
    this.#isRefused = true;
    return { refused: 'the handshake is not confirmed' };
  }

  #doubtAt(fault: string): FlightJudgement {
    this.#doubt = fault;
    return 'drop';
  }

  #faultOf({ type, body }: HandshakeMessage): string | undefined {
    if (type === SERVER_HELLO) return faultOfHello(readServerHello(body), this.#hello);
    if (type !== CERTIFICATE) return undefined;
    const certificate = readCertificate(body) ?? new Uint8Array(0);
    const isNamed = isNamedBy(this.#crypto, this.#named, certificate);
    return isNamed ? undefined : 'the certificate is not the one named';
  }

  get #hello(): ClientHello | undefined {
    return this.#client.hello && readClientHello(this.#client.hello.body);
  }

  #flightFrom({ sequence }: HandshakeMessage): readonly HandshakeMessage[] | undefined {
    return SERVER_FLIGHTS.map((types) =>
      types.flatMap((type, at) => {
        const message = this.#said.get(sequence + at);
        return message?.type === type ? [message] : [];
      }),
    ).find((it, index) => it.length === SERVER_FLIGHTS[index]?.length);
  }

  /** RFC 8422 §5.4. */
  #isKeyProven(flight: readonly HandshakeMessage[]): boolean {
    const [first, second, third] = flight.map((it) => it.body);
    const [ours, theirs] = [this.#hello, first && readServerHello(first)];
    const certificate = second && readCertificate(second);
    const exchange = third && readServerKeyExchange(third);
    if (!(ours && theirs && certificate && exchange)) return false;
    const data = concatBytes(ours.random, theirs.random, exchange.parameters);
    return this.#crypto.isSignedBy(certificate, { ...exchange, data });
  }
}

function faultOfHello(
  theirs: ServerHello | undefined,
  ours: ClientHello | undefined,
): string | undefined {
  const isAgreed =
    theirs?.version === DTLS_1_2 && theirs.compression === 0 && isOffered(theirs.suite, ours);
  if (!isAgreed) return 'the hello answers none of ours';
  // The keys of a handshake without it are open to who joins two of them (RFC 7627 §1).
  return theirs.extensions.has(EXTENDED_MASTER_SECRET) ? undefined : 'no extended master secret';
}

function isOffered(suite: number, ours: ClientHello | undefined): boolean {
  const { suites } = ours ?? { suites: new Uint8Array(0) };
  const view = viewOf(suites);
  for (let at = 0; at + 2 <= suites.length; at += 2) {
    if (view.getUint16(at) === suite) return true;
  }
  return false;
}

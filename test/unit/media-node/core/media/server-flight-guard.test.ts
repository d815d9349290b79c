import { nodeDtlsCrypto } from '../../../../../media-node/src/adapters/werift/node-dtls-crypto.ts';
import { concatBytes } from '../../../../../media-node/src/core/media/bytes.ts';
import { verifyData } from '../../../../../media-node/src/core/media/dtls-crypto.ts';
import type { HandshakeMessage } from '../../../../../media-node/src/core/media/dtls-message.ts';
import { ServerFlightGuard } from '../../../../../media-node/src/core/media/server-flight-guard.ts';
import {
  bytes,
  COOKIE,
  DTLS_1_0,
  DTLS_1_2,
  EXTENDED,
  GCM,
  hashed,
  hello,
  MASTER_SECRET,
  NONE,
  plain,
  vector,
} from '../../../../support/dtls-messages.ts';

const NAMED = { algorithm: 'sha-256', values: ['SHA-256 4', 'SHA-256 5'] };
const ours = hello({ cookie: COOKIE });
const OUR_FLIGHT: readonly HandshakeMessage[] = [11, 16, 15, 20].map((type, at) => ({
  type,
  sequence: at + 2,
  body: Uint8Array.of(type, 99),
}));
const RANDOM = new Uint8Array(32).fill(8);
const PARAMETERS = bytes(3, 0, 29, vector(1, new Uint8Array(32).fill(6)));

interface Answer {
  readonly version?: Uint8Array;
  readonly random?: Uint8Array;
  readonly suite?: Uint8Array;
  readonly compression?: number;
  readonly extensions?: Uint8Array;
}
const answer = (given: Answer = {}, sequence = 1): HandshakeMessage => {
  const { version = DTLS_1_2, random = RANDOM, suite = Uint8Array.of(0xc0, 0x2b) } = given;
  const { compression = 0, extensions = bytes(GCM, EXTENDED) } = given;
  const body = bytes(version, random, vector(1, NONE), suite, compression, vector(2, extensions));
  return { type: 2, sequence, body };
};
const certificate = (first = 5, sequence = 2): HandshakeMessage => ({
  type: 11,
  sequence,
  body: vector(3, vector(3, Uint8Array.of(first, 6, 7))),
});
/** Of what the server signs: both randoms and its key (RFC 8422 §5.4). */
const exchangeOf = (signed: Uint8Array, sequence = 3): HandshakeMessage => ({
  type: 12,
  sequence,
  body: bytes(PARAMETERS, 4, 3, vector(2, nodeDtlsCrypto.sha256(signed))),
});
const signed = concatBytes(new Uint8Array(32).fill(1), RANDOM, PARAMETERS);
const exchange = exchangeOf(signed);
const request: HandshakeMessage = { type: 13, sequence: 4, body: Uint8Array.of(1, 64, 0, 0) };
const done = (sequence = 5): HandshakeMessage => ({ type: 14, sequence, body: NONE });

const flight = [answer(), certificate(), exchange, request, done()];
const verifyRequest: HandshakeMessage = {
  type: 3,
  sequence: 0,
  body: bytes(DTLS_1_0, vector(1, COOKIE)),
};
const finishedOf = (messages: readonly HandshakeMessage[]): HandshakeMessage => ({
  type: 20,
  sequence: 6,
  body: verifyData(plain, 'server', { masterSecret: MASTER_SECRET, transcript: hashed(messages) }),
});
const finished = finishedOf([ours, ...flight, ...OUR_FLIGHT]);

const aGuard = (): ServerFlightGuard =>
  new ServerFlightGuard(plain, NAMED, {
    ...{ hello: ours, flight: OUR_FLIGHT, masterSecret: MASTER_SECRET },
  });
/** What goes to the library. */
const passedOf = (
  guard: ServerFlightGuard,
  messages: readonly HandshakeMessage[],
): readonly HandshakeMessage[] =>
  messages.flatMap((it) => {
    const judgement = guard.judge(it);
    return typeof judgement === 'object' && 'passed' in judgement ? judgement.passed : [];
  });

describe('MED-7: the guard of a handshake that we began', () => {
  it('keeps what comes until the flight is whole and its key proven, then passes all of it', () => {
    const guard = aGuard();

    expect(guard.judge(verifyRequest)).toEqual({ passed: [verifyRequest] });
    expect(flight.slice(0, -1).map((it) => guard.judge(it))).toEqual(Array(4).fill('keep'));
    expect(guard.judge(done())).toEqual({ passed: flight });
    expect([guard.hasFlight, guard.isProven]).toEqual([true, false]);
    expect(guard.judge(finished)).toEqual({ passed: [finished] });
    expect(guard.isProven).toBe(true);
  });

  it('hears in whatever order a network brings it, and a server that wants no certificate of ours', () => {
    const bare = [answer({}, 0), certificate(5, 1), exchangeOf(signed, 2), done(3)];

    expect(passedOf(aGuard(), flight.toReversed())).toEqual(flight);
    expect(passedOf(aGuard(), bare)).toEqual(bare);
  });

  it.each<readonly [string, number, HandshakeMessage, string]>([
    ['another certificate', 1, certificate(8), 'the certificate is not the one named'],
    [
      'no certificate',
      1,
      { ...certificate(), body: vector(3, NONE) },
      'the certificate is not the one named',
    ],
    ['a key that nobody signed', 2, exchangeOf(NONE), 'key possession not proven'],
    [
      'a key signed for another hello of ours',
      2,
      exchangeOf(concatBytes(RANDOM, RANDOM, PARAMETERS)),
      'key possession not proven',
    ],
    ['a key signed without the randoms', 2, exchangeOf(PARAMETERS), 'key possession not proven'],
    [
      'a key that cannot be read',
      2,
      { ...exchange, body: exchange.body.subarray(0, 60) },
      'key possession not proven',
    ],
    ['another random', 0, answer({ random: new Uint8Array(32) }), 'key possession not proven'],
    ['no extended master secret', 0, answer({ extensions: GCM }), 'no extended master secret'],
    ['DTLS 1.0', 0, answer({ version: DTLS_1_0 }), 'the hello answers none of ours'],
    [
      'a suite not offered',
      0,
      answer({ suite: Uint8Array.of(0, 0x9c) }),
      'the hello answers none of ours',
    ],
    ['compression', 0, answer({ compression: 1 }), 'the hello answers none of ours'],
    [
      'an extension twice',
      0,
      answer({ extensions: bytes(EXTENDED, EXTENDED) }),
      'the hello answers none of ours',
    ],
  ])('doubts at %s, and hears the server that repeats its own', (_name, at, message, doubt) => {
    const guard = aGuard();

    expect(passedOf(guard, flight.with(at, message))).toEqual([]);
    expect(guard.doubt).toBe(doubt);
    expect(passedOf(guard, flight)).toEqual(flight);
    expect(guard.doubt).toBeUndefined();
    expect(guard.judge(finished)).toEqual({ passed: [finished] });
  });

  it('ends for good at a Finished of another handshake', () => {
    const guard = aGuard();
    passedOf(guard, flight);

    expect(guard.judge(finishedOf([ours, ...flight]))).toEqual({
      refused: 'the handshake is not confirmed',
    });
    expect(guard.judge(finished)).toBe('drop');
    expect(guard.isProven).toBe(false);
  });

  it.each<readonly [string, readonly HandshakeMessage[], HandshakeMessage]>([
    ['a Finished before there is a key', flight.slice(0, 3), finished],
    ['a second wish for a cookie', [verifyRequest], { ...verifyRequest, sequence: 1 }],
    ['a wish for no cookie', [], { ...verifyRequest, body: bytes(DTLS_1_0, 0) }],
    ['a wish for a cookie after the flight', flight, verifyRequest],
    ['the hello again after the flight', flight, answer()],
    ['another key after the flight', flight, exchangeOf(NONE)],
    ['the flight again after all', [...flight, finished], done()],
    ['Finished again', [...flight, finished], finished],
  ])('drops %s and goes on', (_name, before, message) => {
    const guard = aGuard();
    passedOf(guard, before);

    expect(guard.judge(message)).toBe('drop');
    if (!guard.hasFlight) expect(passedOf(guard, flight)).toEqual(flight);
    if (!guard.isProven) guard.judge(finished);
    expect(guard.isProven).toBe(true);
  });
});

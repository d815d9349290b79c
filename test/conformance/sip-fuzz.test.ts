import fc from 'fast-check';
import { encryptBlock } from '../../media-node/src/adapters/sipjs/digest-crypto.ts';
import { frameOfDatagram, headOf } from '../../media-node/src/adapters/sipjs/frame.ts';
import { toRequest, toResponse } from '../../media-node/src/adapters/sipjs/incoming-messages.ts';
import { StreamFramer } from '../../media-node/src/adapters/sipjs/stream-framer.ts';
import { takeAkaChallenge } from '../../media-node/src/core/aka/aka-challenge.ts';
import { startSequence } from '../../media-node/src/core/aka/sequence.ts';
import { parseSubscriberKeys } from '../../media-node/src/core/aka/subscriber-keys.ts';
import {
  AKA_ALGORITHMS,
  chooseChallenge,
  parseAuthenticationInfo,
} from '../../media-node/src/core/sip/challenge.ts';
import { calledImpuOf, callerOf } from '../../media-node/src/core/sip/identity.ts';
import { parseMessage, type SipMessage } from '../../media-node/src/core/sip/message.ts';
import { parseNameAddr, splitList } from '../../media-node/src/core/sip/name-addr.ts';
import { refusalOf } from '../../media-node/src/core/sip/refusal.ts';
import { sdpOf } from '../../media-node/src/core/sip/sdp-body.ts';
import { unacceptable } from '../../media-node/src/core/sip/unacceptable.ts';
import { parseUri } from '../../media-node/src/core/sip/uri.ts';
import { INVALID_MESSAGES } from './vectors/rfc4475-invalid.ts';
import { SEMANTIC_MESSAGES } from './vectors/rfc4475-semantics.ts';
import { VALID_MESSAGES } from './vectors/rfc4475-valid.ts';
import { IPV6_MESSAGES } from './vectors/rfc5118.ts';

/** Short by default; `FUZZ_RUNS=1000000` for a night. A failure prints its seed and its input. */
const RUNS = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 400) };

const CORPUS = [...VALID_MESSAGES, ...INVALID_MESSAGES, ...SEMANTIC_MESSAGES, ...IPV6_MESSAGES];

/** What grammars trip over. */
const TOKENS = [
  ...['\r\n', '\r\n\r\n', '\n', '\r', '\0', ' ', '\t', '"', '\\', '<', '>', ';', ',', ':', '@'],
  ...['=', '?', '%', '%00', '%zz', '[', ']', '*', '\r\n ', 'SIP/2.0', ';tag=', ';branch=', '<sip:'],
  ...['Via:', 'v:', '\r\nContent-Length: 0', '\r\nTo:', '-1', '99999999999999999999', '\u{1f600}'],
  ...[
    '__proto__',
    ';__proto__=1',
    'constructor',
    ';'.repeat(500),
    '<'.repeat(500),
    ' '.repeat(5000),
  ],
].map((it) => Buffer.from(it));

interface Mutation {
  readonly at: number;
  readonly cut: number;
  readonly token: Buffer;
}

const aMutation: fc.Arbitrary<Mutation> = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  cut: fc.oneof(fc.constant(0), fc.nat(3), fc.nat(300)),
  token: fc.oneof(
    fc.constantFrom(Buffer.alloc(0), ...TOKENS),
    fc.uint8Array({ maxLength: 4 }).map((it) => Buffer.from(it)),
  ),
});

function mutated(bytes: Buffer, { at, cut, token }: Mutation): Buffer {
  const from = Math.floor(at * bytes.length);
  return Buffer.concat([bytes.subarray(0, from), token, bytes.subarray(from + cut)]);
}

const aMutant = fc
  .tuple(
    fc.constantFrom(...CORPUS.map(({ bytes }) => bytes)),
    fc.array(aMutation, { minLength: 1, maxLength: 6 }),
  )
  .map(([bytes, mutations]) => mutations.reduce(mutated, bytes));
const garbage = fc.uint8Array({ maxLength: 400 }).map((it) => Buffer.from(it));
const someBytes = fc.oneof({ weight: 4, arbitrary: aMutant }, garbage);
const someText = fc.oneof(
  fc.string({ maxLength: 60 }),
  fc
    .array(fc.constantFrom(...TOKENS.map(String), 'a', 'sip:', 'b'), { maxLength: 30 })
    .map((it) => it.join('')),
);

/** All that is done to a message before anyone decides about it. */
function useAsFlowDoes(message: SipMessage): void {
  const headers = (name: string): readonly string[] =>
    message.headers.filter((it) => it.name === name).map(({ value }) => value);
  unacceptable(message);
  callerOf(headers);
  calledImpuOf(headers, 'sip:us@ims.test');
  sdpOf(headers('content-type')[0], message.body);
  toRequest(message);
  toResponse(message, 'z9hG4bK1');
}

describe('SEC-4: whatever arrives', () => {
  it('is read or not, and nothing throws', () => {
    fc.assert(
      fc.property(someBytes, (bytes) => {
        const frame = frameOfDatagram(bytes);
        const head = frame === 'malformed' ? headOf(bytes) : frame.head;
        const message = frame === 'malformed' ? undefined : parseMessage(frame.head, frame.body);
        if (message) useAsFlowDoes(message);
        else refusalOf(head ?? '');
      }),
      RUNS,
    );
  });

  it('becomes headers that hold one line each, so that none can be smuggled into ours', () => {
    fc.assert(
      fc.property(someBytes, (bytes) => {
        const frame = frameOfDatagram(bytes);
        if (frame === 'malformed') return;
        const message = parseMessage(frame.head, frame.body);
        for (const { name, value } of message?.headers ?? []) {
          expect(name).not.toMatch(/[\r\n:]/);
          expect(value).not.toMatch(/\r\n/);
        }
      }),
      RUNS,
    );
  });

  it('is refused in a message that is one, of lines that are ours', () => {
    fc.assert(
      fc.property(someBytes, (bytes) => {
        const refusal = refusalOf(headOf(bytes) ?? '');
        if (refusal === undefined) return;
        const frame = frameOfDatagram(Buffer.from(refusal));
        if (frame === 'malformed') throw new Error('our own answer is malformed');
        const [first = '', ...lines] = frame.head.split(/[\r\n]+/);
        expect(first).toMatch(/^SIP\/2\.0 (400|416|505) /);
        for (const line of lines)
          expect(line).toMatch(/^(Via|From|To|Call-ID|CSeq|Content-Length): /);
      }),
      RUNS,
    );
  });
});

const AKA_SUBSCRIBER = {
  keys: { k: new Uint8Array(16), opc: new Uint8Array(16) },
  sequence: startSequence,
};

describe('RFC 3261 §25: the grammar', () => {
  it('never throws, whatever the text', () => {
    fc.assert(
      fc.property(someText, (text) => {
        parseUri(text);
        parseNameAddr(text);
        chooseChallenge([text, `Digest ${text}`], { realm: 'a', algorithms: AKA_ALGORITHMS });
        takeAkaChallenge(text, AKA_SUBSCRIBER, encryptBlock);
        parseSubscriberKeys(text);
        parseAuthenticationInfo(text);
        sdpOf(`multipart/mixed;boundary=${text}`, text);
      }),
      RUNS,
    );
  });

  it('gives a user back as it was before it was escaped', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (user) => {
        fc.pre(user.isWellFormed());
        expect(parseUri(`sip:${encodeURIComponent(user)}@ims.test;lr`)).toMatchObject({
          ...{ user, host: 'ims.test', parameters: { lr: null } },
        });
      }),
      RUNS,
    );
  });

  it('gives a display name back as it was before it was quoted', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (displayName) => {
        const quoted = `"${displayName.replace(/["\\]/g, '\\$&')}"`;
        expect(parseNameAddr(`${quoted} <sip:a@b;x=1>;tag=t`)).toMatchObject({
          ...{ displayName, uri: { text: 'sip:a@b;x=1' }, parameters: { tag: 't' } },
        });
      }),
      RUNS,
    );
  });

  it('splits a list into items that are lists of one', () => {
    fc.assert(
      fc.property(someText, (text) => {
        for (const item of splitList(text)) expect(splitList(item)).toEqual([item]);
      }),
      RUNS,
    );
  });
});

describe('RFC 3261 §18.3: a stream', () => {
  const whole = VALID_MESSAGES.filter(({ name }) => name !== 'dblreq').map(({ bytes }) => bytes);

  function heads(chunks: readonly Buffer[]): { readonly seen: string[]; readonly isSane: boolean } {
    const seen: string[] = [];
    const ignore = (): void => undefined;
    const framer = new StreamFramer({
      onFrame: ({ head, body }) => seen.push(head + body),
      onPing: ignore,
      onPong: ignore,
    });
    return { isSane: chunks.every((it) => framer.push(it)), seen };
  }

  it('holds the same messages however it is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...whole), { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat(), { maxLength: 8 }),
        (messages, cuts) => {
          const stream = Buffer.concat(messages);
          const ends = [...cuts.map((it) => it % stream.length), stream.length].sort(
            (a, b) => a - b,
          );
          const chunks = ends.map((end, at) => stream.subarray(ends[at - 1] ?? 0, end));
          expect(heads(chunks)).toEqual(heads(messages));
          expect(heads(chunks)).toMatchObject({ isSane: true });
        },
      ),
      RUNS,
    );
  });

  it('of anything is taken or given up, and nothing throws', () => {
    fc.assert(
      fc.property(fc.array(someBytes, { maxLength: 5 }), (chunks) => {
        heads(chunks);
      }),
      RUNS,
    );
  });
});

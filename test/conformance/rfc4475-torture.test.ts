import { frameOfDatagram, headOf } from '../../media-node/src/adapters/sipjs/frame.ts';
import { parseMessage, type SipMessage } from '../../media-node/src/core/sip/message.ts';
import { refusalOf } from '../../media-node/src/core/sip/refusal.ts';
import { FOUND_MESSAGES } from './vectors/found-by-fuzzing.ts';
import { INVALID_MESSAGES } from './vectors/rfc4475-invalid.ts';
import { SEMANTIC_MESSAGES } from './vectors/rfc4475-semantics.ts';
import { VALID_MESSAGES } from './vectors/rfc4475-valid.ts';
import { IPV6_MESSAGES } from './vectors/rfc5118.ts';
import type { TortureMessage } from './vectors/torture-message.ts';

type Reading =
  | { readonly kind: 'accepted'; readonly message: SipMessage }
  | { readonly kind: 'refused'; readonly status: number }
  | { readonly kind: 'dropped' };

/** As the flow reads a datagram. */
function readDatagram(bytes: Buffer): Reading {
  const frame = frameOfDatagram(bytes);
  const message = frame === 'malformed' ? undefined : parseMessage(frame.head, frame.body);
  if (message) return { kind: 'accepted', message };
  const refusal = refusalOf(frame === 'malformed' ? (headOf(bytes) ?? '') : frame.head);
  if (refusal === undefined) return { kind: 'dropped' };
  return { kind: 'refused', status: Number(refusal.slice(8, 11)) };
}

function expectOutcome({ bytes, outcome }: TortureMessage): void {
  const reading = readDatagram(bytes);
  if (outcome.kind !== 'accepted' || reading.kind !== 'accepted') {
    expect(reading).toEqual(outcome);
    return;
  }
  const { bodyMatching = /^/, hasHeaders = [], ...facts } = outcome.facts;
  const { message } = reading;
  expect(message).toMatchObject(facts);
  expect(message.headers).toEqual(expect.arrayContaining([...hasHeaders]));
  expect(message.body).toMatch(bodyMatching);
}

const RFC4475 = [...VALID_MESSAGES, ...INVALID_MESSAGES, ...SEMANTIC_MESSAGES];

describe('SES-7, SEC-4: the torture messages of RFC 4475', () => {
  it.each(RFC4475)('§$section $name is $outcome.kind', expectOutcome);

  it('are all there', () => {
    expect(new Set(RFC4475.map(({ name }) => name)).size).toBe(49);
  });
});

describe('SES-7, SEC-4: the IPv6 torture messages of RFC 5118', () => {
  it.each(IPV6_MESSAGES)('§$section $name is $outcome.kind', expectOutcome);

  it('are all there', () => {
    expect(new Set(IPV6_MESSAGES.map(({ name }) => name)).size).toBe(12);
  });
});

describe('SEC-4: what fuzzing has found', () => {
  it.each(FOUND_MESSAGES)('$section $name: is $outcome.kind at once', expectOutcome);
});

describe('RFC 3261 §8.2.6: the refusal of what cannot be read', () => {
  it('repeats what names the transaction, each once but Via, and tags To', () => {
    const head = [
      'INVITE <sip:x> SIP/2.0',
      'v: SIP/2.0/UDP a',
      'Via: SIP/2.0/UDP b,',
      ' SIP/2.0/UDP c',
      'f: <sip:a@b>;tag=1',
      't: <sip:c@d>',
      'To: <sip:other@d>',
      'i: id',
      'CSeq: 1 INVITE',
      'Subject: not repeated',
    ].join('\r\n');

    expect(refusalOf(head)?.split('\r\n')).toEqual([
      'SIP/2.0 400 Bad Request',
      'Via: SIP/2.0/UDP a',
      'Via: SIP/2.0/UDP b, SIP/2.0/UDP c',
      'From: <sip:a@b>;tag=1',
      'To: <sip:c@d>;tag=unread',
      'Call-ID: id',
      'CSeq: 1 INVITE',
      'Content-Length: 0',
      '',
      '',
    ]);
  });

  it.each([
    ['ACK', 'ACK <sip:x> SIP/2.0\r\nVia: SIP/2.0/UDP a'],
    ['a response', 'SIP/2.0 999 x\r\nVia: SIP/2.0/UDP a'],
    ['what names no way back', 'INVITE <sip:x> SIP/2.0\r\nCall-ID: 1'],
    ['a way back with a line break in it', 'INVITE <sip:x> SIP/2.0\r\nVia: a\nCall-ID: 1'],
  ])('is not sent to %s', (_what, head) => {
    expect(refusalOf(head)).toBeUndefined();
  });
});

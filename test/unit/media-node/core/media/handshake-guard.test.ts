import { generateKeyPairSync, sign } from 'node:crypto';
import { RTCDtlsTransport } from 'werift';
import { nodeDtlsCrypto } from '../../../../../media-node/src/adapters/werift/node-dtls-crypto.ts';
import { verifyData } from '../../../../../media-node/src/core/media/dtls-crypto.ts';
import type { HandshakeMessage } from '../../../../../media-node/src/core/media/dtls-message.ts';
import { HandshakeGuard } from '../../../../../media-node/src/core/media/handshake-guard.ts';
import {
  bytes,
  CM,
  COOKIE,
  DTLS_1_0,
  EXTENDED,
  GCM,
  hashed,
  hello,
  MASTER_SECRET,
  NONE,
  plain,
  vector,
} from '../../../../support/dtls-messages.ts';

const FLIGHT: readonly HandshakeMessage[] = [2, 11, 12, 13, 14].map((type, at) => ({
  type,
  sequence: at + 1,
  body: Uint8Array.of(type, 77),
}));
const NAMED = { algorithm: 'sha-256', values: ['SHA-256 4', 'SHA-256 5'] };

const firstHello = hello({});
const secondHello = hello({ cookie: COOKIE });
const certificate = (first = 5): HandshakeMessage => ({
  type: 11,
  sequence: 2,
  body: vector(3, vector(3, Uint8Array.of(first, 6, 7))),
});
const keyExchange: HandshakeMessage = { type: 16, sequence: 3, body: Uint8Array.of(1, 2) };

const said = [secondHello, ...FLIGHT, certificate(), keyExchange];
const proofOf = (messages: readonly HandshakeMessage[], sequence = 4): HandshakeMessage => {
  const signature = nodeDtlsCrypto.sha256(hashed(messages));
  return { type: 15, sequence, body: bytes(4, 3, vector(2, signature)) };
};
const proof = proofOf(said);
const finishedOf = (messages: readonly HandshakeMessage[], sequence = 5): HandshakeMessage => ({
  type: 20,
  sequence,
  body: verifyData(plain, 'client', { masterSecret: MASTER_SECRET, transcript: hashed(messages) }),
});
const finished = finishedOf([...said, proof]);
const whole = [firstHello, secondHello, certificate(), keyExchange, proof, finished];

function aGuard(upTo: readonly HandshakeMessage[] = []): HandshakeGuard {
  const guard = new HandshakeGuard(plain, NAMED, { flight: FLIGHT, masterSecret: MASTER_SECRET });
  for (const message of upTo) expect(guard.judge(message)).toBe('pass');
  return guard;
}

describe('MED-7: the guard of a handshake', () => {
  it('finds it proven when all of it has come, and not before', () => {
    expect(aGuard(whole.slice(0, -1)).isProven).toBe(false);
    expect(aGuard(whole).isProven).toBe(true);
  });

  it.each<readonly [string, number, HandshakeMessage, string]>([
    ['Finished instead of the proof', 4, finishedOf(said, 4), 'key possession not proven'],
    [
      'Finished instead of a certificate',
      2,
      finishedOf(said.slice(0, 6), 2),
      'key possession not proven',
    ],
    ['Finished of another handshake', 5, finishedOf(said), 'the handshake is not confirmed'],
  ])('ends the session for good at %s', (_name, after, message, refused) => {
    const guard = aGuard(whole.slice(0, after));

    expect(guard.judge(message)).toEqual({ refused });
    expect(whole.slice(after).map((it) => guard.judge(it))).not.toContain('pass');
    expect(guard.isProven).toBe(false);
  });

  it.each<readonly [string, number, HandshakeMessage, string]>([
    ['another certificate', 2, certificate(8), 'the certificate is not the one named'],
    [
      'no certificate',
      2,
      { ...certificate(), body: vector(3, NONE) },
      'the certificate is not the one named',
    ],
    ['a signature over less', 4, proofOf(said.slice(0, -1)), 'key possession not proven'],
    [
      'a signature over another hello',
      4,
      proofOf([firstHello, ...said.slice(1)]),
      'key possession not proven',
    ],
    [
      'a proof that cannot be read',
      4,
      { ...proof, body: Uint8Array.of(4, 3, 0) },
      'key possession not proven',
    ],
  ])('doubts at %s, and hears who proves himself after it', (_name, after, message, doubt) => {
    const guard = aGuard(whole.slice(0, after));

    expect(guard.judge(message)).toBe('drop');
    expect(guard.doubt).toBe(doubt);
    for (const it of whole.slice(after)) expect(guard.judge(it)).toBe('pass');
    expect(guard.isProven).toBe(true);
    expect(guard.doubt).toBeUndefined();
  });

  it.each<readonly [string, number, HandshakeMessage]>([
    ['a message before any hello', 0, certificate()],
    ['a hello of DTLS 1.0', 0, hello({ version: DTLS_1_0 })],
    ['a hello without the extended secret', 0, hello({ extensions: GCM })],
    ['a hello cut short', 0, { ...firstHello, body: firstHello.body.subarray(0, 40) }],
    ['a hello with an extension twice', 0, hello({ extensions: bytes(EXTENDED, EXTENDED) })],
    ['a cookie before it was given', 0, secondHello],
    ['a cookie with another random', 1, hello({ random: 2, cookie: COOKIE })],
    [
      'a cookie with other SRTP profiles',
      1,
      hello({ cookie: COOKIE, extensions: bytes(CM, EXTENDED) }),
    ],
    ['a new hello within the handshake', 2, hello({ random: 2 })],
    ['the first hello, late', 2, firstHello],
    ['another key exchange', 4, { ...keyExchange, body: Uint8Array.of(3, 4) }],
    ['the same key exchange', 4, keyExchange],
    ['a message out of order', 2, keyExchange],
    ['another type in its place', 3, { ...proof, sequence: 3 }],
    ['a new hello after the handshake', 6, hello({ random: 2 })],
    ['the hello again after the handshake', 6, secondHello],
    ['another Finished after the handshake', 6, finishedOf(said, 6)],
  ])('drops %s and goes on', (_name, after, message) => {
    const guard = aGuard(whole.slice(0, after));

    expect(guard.judge(message)).toBe('drop');
    const rest = whole.slice(after).map((it) => guard.judge(it));
    expect(rest).toEqual(rest.map(() => 'pass'));
    expect(guard.isProven).toBe(true);
  });

  it('lets through what makes the server repeat its flight', () => {
    expect(aGuard(whole.slice(0, 4)).judge(secondHello)).toBe('pass');
    expect(aGuard(whole).judge(finished)).toBe('pass');
  });
});

describe('MED-7: the proof of a key', () => {
  const data = Buffer.from('what was said');

  it.each([
    ['its own key', true, 0x0403],
    ['its own key, named as RSA', false, 0x0401],
    ['its own key, with a hash nobody asked for', false, 0x0203],
  ])('is believed or not: %s', async (_name, isBelieved, scheme) => {
    const { certPem, privateKey } = await RTCDtlsTransport.SetupCertificate();
    const signature = sign('sha256', data, privateKey);

    expect(nodeDtlsCrypto.isSignedBy(Buffer.from(certPem), { scheme, data, signature })).toBe(
      isBelieved,
    );
  });

  it('is not believed from another key, nor from what cannot be read', async () => {
    const { certPem } = await RTCDtlsTransport.SetupCertificate();
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const signature = sign('sha256', data, privateKey);
    const signed = { scheme: 0x0403, data, signature };

    expect(nodeDtlsCrypto.isSignedBy(Buffer.from(certPem), signed)).toBe(false);
    expect(nodeDtlsCrypto.isSignedBy(Buffer.from('noise'), signed)).toBe(false);
    expect(nodeDtlsCrypto.isSignedBy(Buffer.from(certPem), { ...signed, signature: NONE })).toBe(
      false,
    );
  });

  it('takes no fingerprint by a weak hash', () => {
    expect(nodeDtlsCrypto.fingerprint('sha-1', data)).toBeUndefined();
    expect(nodeDtlsCrypto.fingerprint('md5', data)).toBeUndefined();
  });
});

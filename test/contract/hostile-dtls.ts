import { createSign, generateKeyPairSync, randomBytes } from 'node:crypto';
import type { DtlsClient } from './werift-browser.ts';

type Handshaker = Record<
  'sendCertificateVerify' | 'sendChangeCipherSpec',
  () => Buffer | undefined
> & { createPacket: (messages: { certificateList?: Buffer[] }[]) => unknown };

/** Knows the browser's certificate, which is public, but not its key. */
export function signWithAnotherKey({ cipher }: DtlsClient): void {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  cipher.signatureData = (data, hash) => createSign(hash).update(data).sign(privateKey);
}

/** Of a server: knows its certificate, which is public, but not its key. */
export function signKeyWithAnother({ cipher }: DtlsClient): void {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  cipher.generateKeySignature = () => createSign('sha256').update(randomBytes(64)).sign(privateKey);
}

/** Signs what is not this handshake, as one would who replays a signature. */
export function signAnotherHandshake({ cipher }: DtlsClient): void {
  const sign = cipher.signatureData.bind(cipher);
  cipher.signatureData = (_data, hash) => sign(randomBytes(64), hash);
}

export function leaveOutTheProof(client: DtlsClient): void {
  beforeLastFlight(client, (flight) => {
    flight.sendCertificateVerify = () => undefined;
  });
}

/** Its own certificate first, whose key it has, and the named one, which it only knows, behind. */
export function nameAnotherBehindOwn(named: Buffer): (client: DtlsClient) => void {
  return (client) => {
    beforeLastFlight(client, (flight) => {
      const create = flight.createPacket.bind(flight);
      flight.createPacket = (messages) => {
        const [first] = messages;
        if (first?.certificateList) first.certificateList = [...first.certificateList, named];
        return create(messages);
      };
    });
  };
}

export function confirmAnotherHandshake({ cipher }: DtlsClient): void {
  cipher.verifyData = () => Buffer.alloc(12, 7);
}

export function offerNoExtendedSecret(client: DtlsClient): void {
  client.extensions = client.extensions.filter((it) => it.type !== 23);
}

export function offerDtls10({ dtls }: DtlsClient): void {
  const version = { major: 254, minor: 255 };
  // It is assigned the version of the ClientHello just before that is written.
  Object.defineProperty(dtls, 'version', {
    get: () => version,
    set: (ofHello: typeof version) => {
      Object.assign(ofHello, version);
    },
  });
}

/** What somebody beside the path slips in: his key exchange, behind the proof and before Finished. */
export function slipInAnotherKey(client: DtlsClient): void {
  beforeLastFlight(client, (flight) => {
    const original = flight.sendChangeCipherSpec.bind(flight);
    flight.sendChangeCipherSpec = () =>
      Buffer.concat([keyExchange(client), original() ?? Buffer.alloc(0)]);
  });
}

/** Sent as if by the browser, once the server has answered it and before it says more. */
export function slipIn(datagrams: readonly Buffer[]): (client: DtlsClient) => void {
  return (client) => {
    beforeLastFlight(client, () => {
      for (const datagram of datagrams) void client.transport.send(datagram);
    });
  };
}

/** Sent as if by the browser, before it says anything. */
export function sayFirst(datagrams: readonly Buffer[]): (client: DtlsClient) => void {
  return (client) => {
    for (const datagram of datagrams) void client.transport.send(datagram);
  };
}

/** In the place of the browser's own, with a cookie before it and without. */
const PLACES_OF_CERTIFICATE = [1, 2];

/** A certificate of somebody else, whole, where the browser's own is due. */
export function anotherCertificate(der: Buffer): readonly Buffer[] {
  const body = Buffer.concat([bytes24(der.length + 3), bytes24(der.length), der]);
  return PLACES_OF_CERTIFICATE.map((at) => record(22, 900 + at, handshake(11, at, body)));
}

/** What no client says in the middle of a handshake, or what cannot be. */
export function impossibleRecords(): readonly Buffer[] {
  const some = randomBytes(40);
  const part = (offset: number, length: number) => {
    const message = handshake(11, 1, some);
    message.set([...bytes24(offset), ...bytes24(length)], 6);
    return message;
  };
  const messages = [
    // The server's hello, cookie, keys and end; a wish to begin anew; a Finished in the clear.
    ...[2, 3, 12, 14, 0, 20].map((type) => handshake(type, 1, some)),
    ...[part(41, 40), part(0, 4000), part(0xff_ff00, 40), part(0, 0)],
    handshake(16, 9, some),
    handshake(11, 1, some).subarray(0, 11),
  ];
  const alert = record(21, 1, Buffer.from([2, 40]));
  return [alert, ...messages.map((message, at) => record(22, 900 + at, message))];
}

/** A hello that no server can agree with, and one that cannot be read. */
export function hopelessHellos(): readonly Buffer[] {
  const unknown = clientHello();
  unknown.writeUInt16BE(0xaaaa, unknown.indexOf(Buffer.from('0002c02b', 'hex')) + 2);
  return [unknown, record(22, 1, handshake(1, 0, randomBytes(60)))];
}

const bytes24 = (value: number): Buffer =>
  Buffer.from([value >> 16, (value >> 8) & 255, value & 255]);

function keyExchange(client: DtlsClient): Buffer {
  const { publicKey } = client.cipher.localKeyPair;
  const body = Buffer.from([publicKey.length, ...randomBytes(publicKey.length)]);
  const sequence = client.dtls.sortedHandshakeCache.find((it) => it.msg_type === 16)?.message_seq;
  return record(22, 900, handshake(16, sequence ?? 0, body));
}

function beforeLastFlight(client: DtlsClient, change: (flight: Handshaker) => void): void {
  const handle = client.onHandleHandshakes;
  client.onHandleHandshakes = (messages) => {
    const handled = handle(messages);
    const { flight5 } = client as unknown as { readonly flight5?: Handshaker };
    if (flight5 && messages.some((it) => it.msg_type === 2)) change(flight5);
    return handled;
  };
}

/** A record in the clear, or one that pretends to be protected. */
export function record(type: number, sequence: number, body: Buffer, epoch = 0): Buffer {
  const header = Buffer.alloc(13);
  header.set([type, 254, 253]);
  header.writeUInt16BE(epoch, 3);
  header.writeUInt32BE(sequence, 7);
  header.writeUInt16BE(body.length, 11);
  return Buffer.concat([header, body]);
}

/** The records of a datagram. */
export function split(datagram: Buffer): readonly Buffer[] {
  if (datagram.length < 13) return [];
  const end = 13 + datagram.readUInt16BE(11);
  return [datagram.subarray(0, end), ...split(datagram.subarray(end))];
}

function handshake(type: number, sequence: number, body: Buffer): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt32BE(body.length);
  header.writeUInt8(type);
  header.writeUInt16BE(sequence, 4);
  header.writeUInt32BE(body.length, 8);
  return Buffer.concat([header, body]);
}

/** One a server would answer: its suite, a group, a signature, SRTP and the extended secret. */
export function clientHello(): Buffer {
  const extensions = Buffer.from(
    '000a00040002001d' + '000d000400020403' + '000e00050002000700' + '00170000',
    'hex',
  );
  const length = Buffer.alloc(2);
  length.writeUInt16BE(extensions.length);
  const body = Buffer.concat([
    Buffer.from([254, 253]),
    randomBytes(32),
    Buffer.from('00' + '00' + '0002c02b' + '0100', 'hex'),
    length,
    extensions,
  ]);
  return record(22, 0, handshake(1, 0, body));
}

import { concatBytes, viewOf } from './bytes.ts';
import {
  CERTIFICATE,
  CERTIFICATE_VERIFY,
  CLIENT_HELLO,
  CLIENT_KEY_EXCHANGE,
} from './dtls-message.ts';

const CHANGE_CIPHER_SPEC = 20;
const HANDSHAKE = 22;
/** Finished comes under protection (RFC 5246 §7.4.9). */
const OF_CLIENT = [CLIENT_HELLO, CERTIFICATE, CLIENT_KEY_EXCHANGE, CERTIFICATE_VERIFY];
/** Two hellos, for the first is answered with a cookie, and three more. */
const MAX_SEQUENCE = 4;
const HEADER_BYTES = 13;
const HANDSHAKE_HEADER_BYTES = 12;
/** Far above any certificate; bounds what a message may announce. */
const MAX_MESSAGE_BYTES = 16_384;

/**
 * What of a client's datagram may reach the handshake: nothing but its own records. The library takes alerts
 * and unknown types for true without looking at their protection; consent tells us of an end anyway.
 */
export function handshakeRecords(datagram: Uint8Array, isHandshakeOver: boolean): Uint8Array {
  const wanted = split(datagram).filter((record) =>
    isHandshakeOver ? isProtectedHandshake(record) : isOfHandshake(record),
  );
  return concatBytes(...wanted);
}

/** Whole records (RFC 6347 §4.1); what is cut short is left behind. */
function split(datagram: Uint8Array): readonly Uint8Array[] {
  const records: Uint8Array[] = [];
  let offset = 0;
  while (offset + HEADER_BYTES < datagram.length) {
    const end = offset + HEADER_BYTES + viewOf(datagram).getUint16(offset + 11);
    if (end > datagram.length) break;
    records.push(datagram.subarray(offset, end));
    offset = end;
  }
  return records;
}

const epochOf = (record: Uint8Array): number => viewOf(record).getUint16(3);

/** A Finished that is repeated because ours was lost; in the clear it could only renegotiate. */
const isProtectedHandshake = (record: Uint8Array): boolean =>
  record[0] === HANDSHAKE && record[1] === 254 && epochOf(record) === 1;

function isOfHandshake(record: Uint8Array): boolean {
  if (isProtectedHandshake(record)) return true;
  if (record[1] !== 254 || epochOf(record) !== 0) return false;
  if (record[0] === CHANGE_CIPHER_SPEC) return true;
  return record[0] === HANDSHAKE && areFragments(record.subarray(HEADER_BYTES));
}

/** Messages that share a record are taken together or not at all. */
function areFragments(body: Uint8Array): boolean {
  let offset = 0;
  while (offset < body.length) {
    const length = fragmentBytes(body.subarray(offset));
    if (length === undefined) return false;
    offset += HANDSHAKE_HEADER_BYTES + length;
  }
  return offset > 0;
}

/** `undefined` for what no client says, or what says of itself what cannot be (RFC 6347 §4.2.2). */
function fragmentBytes(at: Uint8Array): number | undefined {
  if (at.length < HANDSHAKE_HEADER_BYTES) return undefined;
  const view = viewOf(at);
  const bytes24 = (offset: number): number => view.getUint32(offset - 1) & 0xff_ffff;
  const [message, offset, length] = [bytes24(1), bytes24(6), bytes24(9)];
  const isPart = message <= MAX_MESSAGE_BYTES && offset + length <= message;
  const isThere = length <= at.length - HANDSHAKE_HEADER_BYTES && (length > 0 || message === 0);
  const isOfClient = OF_CLIENT.includes(view.getUint8(0)) && view.getUint16(4) <= MAX_SEQUENCE;
  return isPart && isThere && isOfClient ? length : undefined;
}

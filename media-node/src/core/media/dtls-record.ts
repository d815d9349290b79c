import { concatBytes, viewOf } from './bytes.ts';
import {
  CERTIFICATE,
  CERTIFICATE_REQUEST,
  CERTIFICATE_VERIFY,
  CLIENT_HELLO,
  CLIENT_KEY_EXCHANGE,
  HELLO_VERIFY_REQUEST,
  SERVER_HELLO,
  SERVER_HELLO_DONE,
  SERVER_KEY_EXCHANGE,
} from './dtls-message.ts';

const CHANGE_CIPHER_SPEC = 20;
const HANDSHAKE = 22;

/** Which messages one side says in the clear; Finished comes under protection (RFC 5246 §7.4.9). */
export interface Voice {
  readonly types: readonly number[];
  readonly maxSequence: number;
}

/** Two hellos, for the first is answered with a cookie, and three more. */
export const OF_CLIENT: Voice = {
  types: [CLIENT_HELLO, CERTIFICATE, CLIENT_KEY_EXCHANGE, CERTIFICATE_VERIFY],
  maxSequence: 4,
};
/** These six. */
export const OF_SERVER: Voice = {
  types: [
    ...[SERVER_HELLO, HELLO_VERIFY_REQUEST, CERTIFICATE],
    ...[SERVER_KEY_EXCHANGE, CERTIFICATE_REQUEST, SERVER_HELLO_DONE],
  ],
  maxSequence: 5,
};
const HEADER_BYTES = 13;
const HANDSHAKE_HEADER_BYTES = 12;
/** Far above any certificate; bounds what a message may announce. */
const MAX_MESSAGE_BYTES = 16_384;

/**
 * What of a datagram of that side may reach the handshake: nothing but its own records. The library takes alerts
 * and unknown types for true without looking at their protection; consent tells us of an end anyway.
 */
export function handshakeRecords(
  datagram: Uint8Array,
  isHandshakeOver: boolean,
  voice = OF_CLIENT,
): Uint8Array {
  const wanted = splitRecords(datagram).filter((record) =>
    isHandshakeOver ? isProtectedHandshake(record) : isOfHandshake(record, voice),
  );
  return concatBytes(...wanted);
}

/** Whole records (RFC 6347 §4.1); what is cut short is left behind. */
export function splitRecords(datagram: Uint8Array): readonly Uint8Array[] {
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

function isOfHandshake(record: Uint8Array, voice: Voice): boolean {
  if (isProtectedHandshake(record)) return true;
  if (record[1] !== 254 || epochOf(record) !== 0) return false;
  if (record[0] === CHANGE_CIPHER_SPEC) return true;
  return record[0] === HANDSHAKE && areFragments(record.subarray(HEADER_BYTES), voice);
}

/** Messages that share a record are taken together or not at all. */
function areFragments(body: Uint8Array, voice: Voice): boolean {
  let offset = 0;
  while (offset < body.length) {
    const length = fragmentBytes(body.subarray(offset), voice);
    if (length === undefined) return false;
    offset += HANDSHAKE_HEADER_BYTES + length;
  }
  return offset > 0;
}

/** `undefined` for what that side does not say, or what says of itself what cannot be (RFC 6347 §4.2.2). */
function fragmentBytes(at: Uint8Array, voice: Voice): number | undefined {
  if (at.length < HANDSHAKE_HEADER_BYTES) return undefined;
  const view = viewOf(at);
  const bytes24 = (offset: number): number => view.getUint32(offset - 1) & 0xff_ffff;
  const [message, offset, length] = [bytes24(1), bytes24(6), bytes24(9)];
  const isPart = message <= MAX_MESSAGE_BYTES && offset + length <= message;
  const isThere = length <= at.length - HANDSHAKE_HEADER_BYTES && (length > 0 || message === 0);
  const isSaid = voice.types.includes(view.getUint8(0)) && view.getUint16(4) <= voice.maxSequence;
  return isPart && isThere && isSaid ? length : undefined;
}

import { concatBytes, viewOf } from './bytes.ts';

const CHANGE_CIPHER_SPEC = 20;
const HANDSHAKE = 22;
const FINISHED = 20;
const HEADER_BYTES = 13;
const HANDSHAKE_HEADER_BYTES = 12;
/** Far above any certificate; bounds what a message may announce. */
const MAX_MESSAGE_BYTES = 16_384;

/**
 * What of a datagram may reach the handshake: nothing but its own records. The library takes alerts
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
  if (record[0] !== HANDSHAKE || record.length < HEADER_BYTES + HANDSHAKE_HEADER_BYTES)
    return false;
  const typeAndLength = viewOf(record).getUint32(HEADER_BYTES);
  // Finished is the first message under protection (RFC 5246 §7.4.9).
  return typeAndLength >>> 24 !== FINISHED && (typeAndLength & 0xff_ffff) <= MAX_MESSAGE_BYTES;
}

import { createHmac, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { concatBytes, viewOf } from '../../core/media/bytes.ts';
import type { StunMessage } from '../../core/media/stun-message.ts';

const HEADER_BYTES = 20;
const MESSAGE_INTEGRITY = 0x0008;
const FINGERPRINT = 0x8028;
const FINGERPRINT_MASK = 0x5354_554e;

/** Whoever made it knows the password (RFC 8489 §14.5). */
export function isAuthentic({ integrity }: StunMessage, password: string): boolean {
  if (!integrity) return false;
  const expected = createHmac('sha1', password).update(integrity.covered).digest();
  return timingSafeEqual(expected, integrity.value);
}

/** With MESSAGE-INTEGRITY and FINGERPRINT behind (RFC 8489 §14.5, §14.7). */
export function sealStun(message: Uint8Array, password: string): Uint8Array {
  const covered = withLengthFor(message, 24);
  const integrity = createHmac('sha1', password).update(covered).digest();
  const signed = withLengthFor(withAttribute(covered, MESSAGE_INTEGRITY, integrity), 8);
  const checksum = new Uint8Array(4);
  viewOf(checksum).setUint32(0, (crc32(signed) ^ FINGERPRINT_MASK) >>> 0);
  return withAttribute(signed, FINGERPRINT, checksum);
}

/** The length of the header counts the attribute that is reckoned next. */
function withLengthFor(message: Uint8Array, moreBytes: number): Uint8Array {
  const copy = Uint8Array.from(message);
  viewOf(copy).setUint16(2, message.length - HEADER_BYTES + moreBytes);
  return copy;
}

function withAttribute(message: Uint8Array, type: number, value: Uint8Array): Uint8Array {
  const head = new Uint8Array(4);
  viewOf(head).setUint16(0, type);
  viewOf(head).setUint16(2, value.length);
  return concatBytes(message, head, value);
}

const HEADER_BYTES = 20;
const MAGIC_COOKIE = 0x2112_a442;
const BINDING_REQUEST = 0x0001;
const XOR_MAPPED_ADDRESS = 0x0020;

/** RFC 5626 §4.4.2: without a single attribute. */
export function stunKeepAlive(transaction: Uint8Array): Uint8Array {
  const request = new Uint8Array(HEADER_BYTES);
  const view = new DataView(request.buffer);
  view.setUint16(0, BINDING_REQUEST);
  view.setUint32(4, MAGIC_COOKIE);
  request.set(transaction.subarray(0, 12), 8);
  return request;
}

/** A SIP message begins with a letter, STUN with two zero bits (RFC 5626 §8). */
export const looksLikeStun = (packet: Uint8Array): boolean =>
  packet.length >= HEADER_BYTES && (packet[0] ?? 0xff) < 0x40 && cookieOf(packet) === MAGIC_COOKIE;

/** Port and address we are seen from, only good for comparing; undefined where it is not told. */
export function mappedAddressOf(answer: Uint8Array): string | undefined {
  const view = new DataView(answer.buffer, answer.byteOffset, answer.byteLength);
  let offset = HEADER_BYTES;
  while (offset + 4 <= answer.length) {
    const end = offset + 4 + view.getUint16(offset + 2);
    if (end > answer.length) return undefined;
    if (view.getUint16(offset) === XOR_MAPPED_ADDRESS) {
      return Array.from(answer.subarray(offset + 4, end)).join('.');
    }
    offset = end + ((4 - (end % 4)) % 4);
  }
  return undefined;
}

const cookieOf = (packet: Uint8Array): number =>
  new DataView(packet.buffer, packet.byteOffset, packet.byteLength).getUint32(4);

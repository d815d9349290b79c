import { viewOf } from './bytes.ts';
import type { RtpHeader } from './rtp-packet.ts';

/** The number of one header extension on the side a packet comes from, and on the one it goes to. */
export interface ExtensionIds {
  readonly from: number;
  readonly to: number;
}

/** RFC 8285 §4.2. */
const ONE_BYTE_PROFILE = 0xbede;
const FIXED_BYTES = 12;
const STOP = 15;

/** The extension of a packet, as the only one and renumbered; `undefined` where it has none. */
export function carriedExtension(
  packet: Uint8Array,
  header: RtpHeader,
  { from, to }: ExtensionIds,
): Uint8Array | undefined {
  const content = extensionOf(packet, header, from);
  return content && writeExtension(to, content);
}

/** One element of 1 to 16 bytes, filled up to whole words. */
export function writeExtension(id: number, content: Uint8Array): Uint8Array {
  const words = Math.ceil((1 + content.length) / 4);
  const block = new Uint8Array(4 + 4 * words);
  const view = viewOf(block);
  view.setUint16(0, ONE_BYTE_PROFILE);
  view.setUint16(2, words);
  view.setUint8(4, (id << 4) | (content.length - 1));
  block.set(content, 5);
  return block;
}

/** The content of one extension; `undefined` where the packet has none of that number. */
export function extensionOf(
  packet: Uint8Array,
  { headerBytes }: RtpHeader,
  wanted: number,
): Uint8Array | undefined {
  const view = viewOf(packet);
  const start = FIXED_BYTES + 4 * (view.getUint8(0) & 0x0f);
  if (headerBytes < start + 4 || view.getUint16(start) !== ONE_BYTE_PROFILE) return undefined;
  return find(packet.subarray(start + 4, headerBytes), wanted);
}

/** Elements of one byte of number and length each; zero is padding (RFC 8285 §4.2). */
function find(elements: Uint8Array, wanted: number): Uint8Array | undefined {
  let rest = elements;
  while (rest.length > 0) {
    const head = rest[0] ?? 0;
    const [id, length] = [head >> 4, head === 0 ? 0 : (head & 0x0f) + 1];
    if (id === STOP || 1 + length > rest.length) return undefined;
    if (id === wanted) return rest.subarray(1, 1 + length);
    rest = rest.subarray(1 + length);
  }
  return undefined;
}

import { concatBytes } from './bytes.ts';

const LENGTH_BYTES = 2;

/** Takes a stream apart into the packets framed in it (RFC 4571 §2). */
export class FrameReader {
  readonly #maxBytes: number;
  #rest: Uint8Array = new Uint8Array();

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * The packets that are whole by now; those of no length are passed over. `undefined`: one is longer than
   * any packet may be, and what follows is nobody's.
   */
  take(chunk: Uint8Array): readonly Uint8Array[] | undefined {
    const bytes = this.#rest.length === 0 ? chunk : concatBytes(this.#rest, chunk);
    const packets: Uint8Array[] = [];
    let at = 0;
    while (at + LENGTH_BYTES <= bytes.length) {
      const length = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
      if (length > this.#maxBytes) return undefined;
      const end = at + LENGTH_BYTES + length;
      if (end > bytes.length) break;
      if (length > 0) packets.push(bytes.subarray(at + LENGTH_BYTES, end));
      at = end;
    }
    // A copy: a view would keep all of the chunk for a few bytes of it.
    this.#rest = Uint8Array.from(bytes.subarray(at));
    return packets;
  }
}

/** A packet as it goes into a stream. */
export function frameOf(packet: Uint8Array): Uint8Array {
  const frame = new Uint8Array(LENGTH_BYTES + packet.length);
  frame[0] = packet.length >> 8;
  frame[1] = packet.length & 0xff;
  frame.set(packet, LENGTH_BYTES);
  return frame;
}

import type { LegName } from '../../ports/media-plane.ts';

/** A packet on its way to or from a worker. */
export interface BatchedPacket {
  readonly call: number;
  readonly leg: LegName;
  readonly atMs: number;
  readonly packet: Uint8Array;
}

const HEAD_BYTES = 15;
const FIRST_BYTES = 4096;

/**
 * Many packets as one piece of memory that changes threads: a message for each would cost more than
 * the codecs of narrowband do.
 */
export class PacketBatch {
  #bytes = new Uint8Array(FIRST_BYTES);
  #length = 0;

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  add({ call, leg, atMs, packet }: BatchedPacket): void {
    const end = this.#length + HEAD_BYTES + packet.length;
    if (end > this.#bytes.length) this.#grow(end);
    const view = new DataView(this.#bytes.buffer, this.#length);
    view.setUint32(0, call);
    view.setUint8(4, leg === 'ims' ? 1 : 0);
    view.setFloat64(5, atMs);
    view.setUint16(13, packet.length);
    this.#bytes.set(packet, this.#length + HEAD_BYTES);
    this.#length = end;
  }

  /** What was gathered, to be transferred; the batch is empty again. */
  take(): ArrayBuffer {
    const whole = this.#bytes.buffer.slice(0, this.#length);
    this.#length = 0;
    return whole;
  }

  #grow(bytes: number): void {
    const larger = new Uint8Array(Math.max(bytes, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}

export function* readBatch(buffer: ArrayBuffer): Generator<BatchedPacket> {
  const view = new DataView(buffer);
  for (let at = 0; at + HEAD_BYTES <= buffer.byteLength; ) {
    const length = view.getUint16(at + 13);
    yield {
      call: view.getUint32(at),
      leg: view.getUint8(at + 4) === 1 ? 'ims' : 'browser',
      atMs: view.getFloat64(at + 5),
      packet: new Uint8Array(buffer, at + HEAD_BYTES, length),
    };
    at += HEAD_BYTES + length;
  }
}

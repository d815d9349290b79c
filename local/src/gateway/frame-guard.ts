const LENGTH_16 = 126;
const LENGTH_64 = 127;
const MASK_BYTES = 4;
const FIRST_CONTROL_OPCODE = 8;

/**
 * Reads the frame headers of a client's byte stream (RFC 6455 §5.2) to see the length of each
 * frame: API Gateway limits frames, the WebSocket library only whole messages.
 */
export class FrameGuard {
  readonly #maxFrameBytes: number;
  #header = Buffer.alloc(0);
  #payloadLeft = 0;

  constructor(maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** False as soon as a data frame declares more than the limit. */
  accepts(chunk: Buffer): boolean {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#payloadLeft > 0) {
        const skipped = Math.min(this.#payloadLeft, rest.length);
        this.#payloadLeft -= skipped;
        rest = rest.subarray(skipped);
        continue;
      }
      const known = this.#header.length;
      this.#header = Buffer.concat([this.#header, rest.subarray(0, 1)]);
      rest = rest.subarray(this.#header.length - known);
      if (!this.#isHeaderAccepted()) return false;
    }
    return true;
  }

  #isHeaderAccepted(): boolean {
    const header = this.#header;
    if (header.length < 2) return true;
    const short = header.readUInt8(1) & 0x7f;
    const lengthBytes = short === LENGTH_64 ? 8 : short === LENGTH_16 ? 2 : 0;
    if (header.length < 2 + lengthBytes + MASK_BYTES) return true;
    const sizeBytes = lengthOf(header, short);
    const isData = (header.readUInt8(0) & 0x0f) < FIRST_CONTROL_OPCODE;
    this.#header = Buffer.alloc(0);
    this.#payloadLeft = sizeBytes;
    return !isData || sizeBytes <= this.#maxFrameBytes;
  }
}

function lengthOf(header: Buffer, short: number): number {
  if (short === LENGTH_64) return Number(header.readBigUInt64BE(2));
  return short === LENGTH_16 ? header.readUInt16BE(2) : short;
}

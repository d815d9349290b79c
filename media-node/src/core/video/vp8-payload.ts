/** VP8 in RTP (RFC 7741 §4). */

export interface Vp8Payload {
  /** A picture begins with it. */
  readonly isStart: boolean;
  readonly data: Uint8Array;
}

const EXTENDED = 0x80;
const PARTITION_START = 0x10;
const PARTITION = 0x07;
const HAS_PICTURE_ID = 0x80;
const HAS_LAYER_INDEX = 0x40;
const HAS_LAYER_OR_KEY = 0x30;
const DESCRIPTOR_BYTES = 4;

/** `undefined` for what is shorter than it says. */
export function readVp8Payload(payload: Uint8Array): Vp8Payload | undefined {
  const [first = 0, second = 0, third = 0] = payload;
  const extensions = (first & EXTENDED) === 0 ? 0 : second;
  const bytes =
    1 +
    ((first & EXTENDED) === 0 ? 0 : 1) +
    // The picture's number has 7 bits or 15.
    ((extensions & HAS_PICTURE_ID) === 0 ? 0 : third >= 0x80 ? 2 : 1) +
    ((extensions & HAS_LAYER_INDEX) === 0 ? 0 : 1) +
    ((extensions & HAS_LAYER_OR_KEY) === 0 ? 0 : 1);
  if (payload.length <= bytes) return undefined;
  const isStart = (first & PARTITION_START) !== 0 && (first & PARTITION) === 0;
  return { isStart, data: payload.subarray(bytes) };
}

/** A picture in payloads of at most so many bytes, all under one number of 15 bits. */
export function packVp8(
  frame: Uint8Array,
  { pictureId, maxBytes }: { readonly pictureId: number; readonly maxBytes: number },
): readonly Uint8Array[] {
  const share = maxBytes - DESCRIPTOR_BYTES;
  return Array.from({ length: Math.ceil(frame.length / share) }, (_, index) => {
    const part = frame.subarray(index * share, (index + 1) * share);
    const payload = new Uint8Array(DESCRIPTOR_BYTES + part.length);
    const start = index === 0 ? PARTITION_START : 0;
    payload.set([EXTENDED | start, HAS_PICTURE_ID, 0x80 | (pictureId >> 8), pictureId & 0xff]);
    payload.set(part, DESCRIPTOR_BYTES);
    return payload;
  });
}

/** RFC 6386 §9.1. */
export const isVp8Key = (frame: Uint8Array): boolean => ((frame[0] ?? 1) & 1) === 0;

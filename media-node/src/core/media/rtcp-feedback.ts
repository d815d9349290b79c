import { concatBytes, viewOf } from './bytes.ts';

const TRANSPORT_FEEDBACK = 205;
const PAYLOAD_FEEDBACK = 206;
const GENERIC_NACK = 1;
const PICTURE_LOSS = 1;
const FULL_INTRA = 4;
const BANDWIDTH_REQUEST = 3;
const BANDWIDTH_NOTICE = 4;
const APPLICATION = 15;
/** 'REMB', of what browsers estimate (draft-alvestrand-rmcat-remb). */
const ESTIMATE = 0x5245_4d42;
const HEADER_BYTES = 12;
/** More lost packets than these at once want a whole picture instead. */
const MAX_NACKED = 256;

/** What a receiver asks of the sender of `media` (RFC 4585 §6.1, RFC 5104 §4.3.1). */
export type FeedbackMessage =
  | { readonly kind: 'nack'; readonly media: number; readonly sequences: readonly number[] }
  | { readonly kind: 'pli' | 'fir'; readonly media: number }
  /** No more than so much; `owner` wants to be told that it was heard (RFC 5104 §4.2.2). */
  | {
      readonly kind: 'limit';
      readonly media: number;
      readonly bitsPerS: number;
      readonly owner?: number;
    };

/** The feedback in a compound or reduced-size packet (RFC 5506); all else is passed over. */
export function readFeedback(packet: Uint8Array): readonly FeedbackMessage[] {
  const messages: FeedbackMessage[] = [];
  const view = viewOf(packet);
  let offset = 0;
  while (offset + 4 <= packet.length) {
    const end = offset + 4 * (view.getUint16(offset + 2) + 1);
    if (view.getUint8(offset) >> 6 !== 2 || end > packet.length) break;
    const message = readMessage(viewOf(packet.subarray(offset, end)));
    if (message) messages.push(message);
    offset = end;
  }
  return messages;
}

function readMessage(view: DataView): FeedbackMessage | undefined {
  if (view.byteLength < HEADER_BYTES) return undefined;
  const [type, format] = [view.getUint8(1), view.getUint8(0) & 0x1f];
  const media = view.getUint32(8);
  if (type === TRANSPORT_FEEDBACK && format === GENERIC_NACK) {
    return { kind: 'nack', media, sequences: readNack(view) };
  }
  if (type === TRANSPORT_FEEDBACK && format === BANDWIDTH_REQUEST) return readRequest(view);
  if (type !== PAYLOAD_FEEDBACK) return undefined;
  if (format === APPLICATION) return readEstimate(view);
  if (format === PICTURE_LOSS) return { kind: 'pli', media };
  // Of FIR the source stands in the entry, and the common field is zero (RFC 5104 §4.3.1.2).
  if (format !== FULL_INTRA || view.byteLength < HEADER_BYTES + 8) return undefined;
  return { kind: 'fir', media: view.getUint32(HEADER_BYTES) };
}

/** Mantissa and power of two; of one stream, for we have one (RFC 5104 §4.2.1.1). */
function readRequest(view: DataView): FeedbackMessage | undefined {
  if (view.byteLength < HEADER_BYTES + 8) return undefined;
  const rate = view.getUint32(HEADER_BYTES + 4);
  const bitsPerS = ((rate >>> 9) & 0x1_ffff) * 2 ** (rate >>> 26);
  return { kind: 'limit', media: view.getUint32(HEADER_BYTES), bitsPerS, owner: view.getUint32(4) };
}

function readEstimate(view: DataView): FeedbackMessage | undefined {
  if (view.byteLength < HEADER_BYTES + 12 || view.getUint32(HEADER_BYTES) !== ESTIMATE) {
    return undefined;
  }
  const rate = view.getUint32(HEADER_BYTES + 4);
  const bitsPerS = (rate & 0x3_ffff) * 2 ** ((rate >>> 18) & 0x3f);
  return { kind: 'limit', media: view.getUint32(HEADER_BYTES + 8), bitsPerS };
}

/** A packet and a mask of the 16 after it, as often as there is room (RFC 4585 §6.2.1). */
function readNack(view: DataView): readonly number[] {
  const sequences: number[] = [];
  for (let at = HEADER_BYTES; at + 4 <= view.byteLength; at += 4) {
    const first = view.getUint16(at);
    const mask = view.getUint16(at + 2);
    sequences.push(first);
    for (let bit = 0; bit < 16; bit += 1) {
      if ((mask >> bit) & 1) sequences.push((first + bit + 1) % 0x1_0000);
    }
  }
  return sequences.slice(0, MAX_NACKED);
}

export const writeNack = (
  sender: number,
  media: number,
  sequences: readonly number[],
): Uint8Array =>
  framed(TRANSPORT_FEEDBACK, GENERIC_NACK, [
    sender,
    media,
    ...sequences.map((sequence) => sequence * 0x1_0000),
  ]);

export const writePictureLoss = (sender: number, media: number): Uint8Array =>
  framed(PAYLOAD_FEEDBACK, PICTURE_LOSS, [sender, media]);

/** `command` rises by one with each new request (RFC 5104 §4.3.1.1). */
export const writeFullIntra = (sender: number, media: number, command: number): Uint8Array =>
  framed(PAYLOAD_FEEDBACK, FULL_INTRA, [sender, 0, media, (command % 256) * 0x100_0000]);

/** Answers a request of `owner`, with what it asked for (RFC 5104 §4.2.2.1). */
export const writeBandwidthNotice = (sender: number, owner: number, bitsPerS: number): Uint8Array =>
  framed(TRANSPORT_FEEDBACK, BANDWIDTH_NOTICE, [
    ...[sender, 0, owner],
    withPower(bitsPerS, 17) * 0x200,
  ]);

/** No more than so much, of this source (RFC 5104 §4.2.1.1). */
export const writeBandwidthRequest = (
  sender: number,
  media: number,
  bitsPerS: number,
): Uint8Array =>
  framed(TRANSPORT_FEEDBACK, BANDWIDTH_REQUEST, [
    ...[sender, 0, media],
    withPower(bitsPerS, 17) * 0x200,
  ]);

/** The same, as browsers understand it. */
export const writeEstimate = (sender: number, media: number, bitsPerS: number): Uint8Array =>
  framed(PAYLOAD_FEEDBACK, APPLICATION, [
    ...[sender, 0, ESTIMATE],
    0x100_0000 + withPower(bitsPerS, 18),
    media,
  ]);

/** A mantissa of so many bits, with its power of two before it. */
function withPower(bitsPerS: number, mantissaBits: number): number {
  const power = Math.max(0, Math.ceil(Math.log2((bitsPerS + 1) / 2 ** mantissaBits)));
  return power * 2 ** mantissaBits + Math.floor(bitsPerS / 2 ** power);
}

function framed(type: number, format: number, body: readonly number[]): Uint8Array {
  const words = [((0x80 | format) << 24) + (type << 16) + body.length, ...body];
  return concatBytes(
    ...words.map((word) => {
      const bytes = new Uint8Array(4);
      viewOf(bytes).setUint32(0, word >>> 0);
      return bytes;
    }),
  );
}

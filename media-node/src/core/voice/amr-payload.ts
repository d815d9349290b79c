import { type AmrBand, type AmrFrame, amrBits, tocOctet } from './amr-frame.ts';
import { copyBits } from './copy-bits.ts';

/** CMR 15: no request (RFC 4867 §4.3.1). */
export const NO_REQUEST = 15;
/** `maxptime` 240, the most that RFC 4867 §8.1 lets a payload hold. */
export const MAX_FRAMES = 12;

export interface AmrPayload {
  /** The mode the far side asks to be sent; 15: none in particular. */
  readonly modeRequest: number;
  readonly frames: readonly AmrFrame[];
}

export interface AmrFraming {
  readonly band: AmrBand;
  /** Else bandwidth-efficient, the default (RFC 4867 §8.1). */
  readonly octetAligned: boolean;
}

/** `undefined` for a payload that is not whole, or has a frame of a type that does not exist. */
export function readAmrPayload(framing: AmrFraming, payload: Uint8Array): AmrPayload | undefined {
  const tocs = framing.octetAligned ? alignedTocs(payload) : packedTocs(payload);
  if (!tocs) return undefined;
  const { band, octetAligned } = framing;
  const frames: AmrFrame[] = [];
  let offsetBits = tocs.endBits;
  for (const toc of tocs.octets) {
    const frameType = (toc >> 3) & 0x0f;
    const bits = amrBits(band, frameType);
    if (bits === undefined) return undefined;
    const octets = new Uint8Array(1 + Math.ceil(bits / 8));
    if (offsetBits + bits > payload.length * 8) return undefined;
    octets[0] = toc & 0x7c;
    copyBits({ from: payload, fromBit: offsetBits, to: octets, toBit: 8, bits });
    offsetBits += octetAligned ? (octets.length - 1) * 8 : bits;
    frames.push({ frameType, isGood: (toc & 4) !== 0, octets });
  }
  return { modeRequest: (payload[0] ?? 0) >> 4, frames };
}

interface Tocs {
  readonly octets: readonly number[];
  readonly endBits: number;
}

/** RFC 4867 §4.4.2: F, FT, Q and two bits of padding an octet, after an octet of CMR. */
function alignedTocs(payload: Uint8Array): Tocs | undefined {
  const octets: number[] = [];
  for (let at = 1; octets.length < MAX_FRAMES; at += 1) {
    const toc = payload[at];
    if (toc === undefined) return undefined;
    octets.push(toc);
    if ((toc & 0x80) === 0) return { octets, endBits: (at + 1) * 8 };
  }
  return undefined;
}

/** RFC 4867 §4.3.2: six bits each, after the four of CMR. */
function packedTocs(payload: Uint8Array): Tocs | undefined {
  const octets: number[] = [];
  for (let bit = 4; octets.length < MAX_FRAMES; bit += 6) {
    if (bit + 6 > payload.length * 8) return undefined;
    const toc = new Uint8Array(1);
    copyBits({ from: payload, fromBit: bit, to: toc, toBit: 0, bits: 6 });
    const [octet = 0] = toc;
    octets.push(octet);
    if ((octet & 0x80) === 0) return { octets, endBits: bit + 6 };
  }
  return undefined;
}

export function writeAmrPayload(
  { band, octetAligned }: AmrFraming,
  { modeRequest, frames }: AmrPayload,
): Uint8Array {
  const bitsOf = (frame: AmrFrame): number => {
    const bits = amrBits(band, frame.frameType) ?? 0;
    return octetAligned ? Math.ceil(bits / 8) * 8 : bits;
  };
  const tocBits = octetAligned ? 8 : 6;
  const headerBits = octetAligned ? 8 : 4;
  const speechBits = frames.reduce((sum, frame) => sum + bitsOf(frame), 0);
  const to = new Uint8Array(Math.ceil((headerBits + frames.length * tocBits + speechBits) / 8));
  to[0] = modeRequest << 4;
  let toBit = headerBits;
  frames.forEach(({ frameType, isGood }, index) => {
    const follows = index < frames.length - 1 ? 0x80 : 0;
    const from = Uint8Array.of(follows | tocOctet(frameType, isGood));
    copyBits({ from, fromBit: 0, to, toBit, bits: tocBits });
    toBit += tocBits;
  });
  for (const frame of frames) {
    copyBits({ from: frame.octets, fromBit: 8, to, toBit, bits: bitsOf(frame) });
    toBit += bitsOf(frame);
  }
  return to;
}

import { viewOf } from '../media/bytes.ts';
import { UNIT, unitType } from './h264-units.ts';

/** H.264 in RTP: units alone, several in one packet, or one in several (RFC 6184 §5). */

const STAP_A = 24;
const FU_A = 28;
const NRI = 0x60;
const START = 0x80;
const END = 0x40;
const LENGTH_BYTES = 2;
const FRAGMENT_BYTES = 2;

export type H264Payload =
  | { readonly kind: 'units'; readonly units: readonly Uint8Array[] }
  /** Of one unit; with the first comes its header. */
  | {
      readonly kind: 'fragment';
      readonly header: number;
      readonly isFirst: boolean;
      readonly isLast: boolean;
      readonly data: Uint8Array;
    };

/** `undefined` for what is shorter than it says, and for all that is of interleaved mode. */
export function readH264Payload(payload: Uint8Array): H264Payload | undefined {
  const type = unitType(payload);
  if (type >= 1 && type < STAP_A) return { kind: 'units', units: [payload] };
  if (type === STAP_A) return readAggregate(payload);
  const [indicator = 0, head = 0] = payload;
  if (type !== FU_A || payload.length <= FRAGMENT_BYTES) return undefined;
  return {
    kind: 'fragment',
    header: (indicator & 0xe0) | (head & 0x1f),
    isFirst: (head & START) !== 0,
    isLast: (head & END) !== 0,
    data: payload.subarray(FRAGMENT_BYTES),
  };
}

function readAggregate(payload: Uint8Array): H264Payload | undefined {
  const view = viewOf(payload);
  const units: Uint8Array[] = [];
  for (let at = 1; at < payload.length; ) {
    const length = at + LENGTH_BYTES <= payload.length ? view.getUint16(at) : 0;
    const end = at + LENGTH_BYTES + length;
    if (length === 0 || end > payload.length) return undefined;
    units.push(payload.subarray(at + LENGTH_BYTES, end));
    at = end;
  }
  return units.length > 0 ? { kind: 'units', units } : undefined;
}

export interface H264Packing {
  readonly mode: 0 | 1;
  readonly maxBytes: number;
}

/** `undefined`: a unit fits no packet, and mode 0 knows no fragments (RFC 6184 §6.2). */
export function packH264(
  units: readonly Uint8Array[],
  { mode, maxBytes }: H264Packing,
): readonly Uint8Array[] | undefined {
  const wanted = units.filter((unit) => unitType(unit) !== UNIT.delimiter);
  if (mode === 0) return wanted.every((unit) => unit.length <= maxBytes) ? wanted : undefined;
  return gathered(wanted, maxBytes).flatMap((group) => packGroup(group, maxBytes));
}

/** Neighbours that fit a packet together. */
function gathered(units: readonly Uint8Array[], maxBytes: number): readonly Uint8Array[][] {
  const groups: Uint8Array[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const unit of units) {
    const more = LENGTH_BYTES + unit.length;
    if (bytes + more > maxBytes) {
      groups.push([]);
      bytes = 1;
    }
    groups.at(-1)?.push(unit);
    bytes += more;
  }
  return groups;
}

function packGroup(group: readonly Uint8Array[], maxBytes: number): readonly Uint8Array[] {
  const [first] = group;
  if (!first) return [];
  if (group.length > 1) return [aggregate(group)];
  return first.length <= maxBytes ? [first] : fragments(first, maxBytes);
}

/** Its importance is the greatest of them (RFC 6184 §5.7). */
function aggregate(units: readonly Uint8Array[]): Uint8Array {
  const bytes = units.reduce((sum, unit) => sum + LENGTH_BYTES + unit.length, 1);
  const payload = new Uint8Array(bytes);
  payload[0] = Math.max(...units.map((unit) => (unit[0] ?? 0) & NRI)) | STAP_A;
  let at = 1;
  for (const unit of units) {
    viewOf(payload).setUint16(at, unit.length);
    payload.set(unit, at + LENGTH_BYTES);
    at += LENGTH_BYTES + unit.length;
  }
  return payload;
}

function fragments(unit: Uint8Array, maxBytes: number): readonly Uint8Array[] {
  const [header = 0] = unit;
  const body = unit.subarray(1);
  const share = maxBytes - FRAGMENT_BYTES;
  const count = Math.ceil(body.length / share);
  return Array.from({ length: count }, (_, index) => {
    const part = body.subarray(index * share, (index + 1) * share);
    const payload = new Uint8Array(FRAGMENT_BYTES + part.length);
    const edges = (index === 0 ? START : 0) | (index === count - 1 ? END : 0);
    payload.set([(header & 0xe0) | FU_A, edges | (header & 0x1f)]);
    payload.set(part, FRAGMENT_BYTES);
    return payload;
  });
}

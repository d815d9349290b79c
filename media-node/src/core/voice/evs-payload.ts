import {
  EVS_SID,
  type EvsFrame,
  evsFrame,
  evsOctets,
  evsTypeOf,
  isProtectedLength,
} from './evs-frame.ts';

/** 3GPP TS 26.445 table A.2: all seven bits set. */
export const NO_EVS_REQUEST = 0x7f;
/** `maxptime` 240, the most that A.3.1 lets a payload hold. */
const MAX_FRAMES = 12;
/** The header bit of a mode request; a table of contents has it clear (A.2.2.1). */
const REQUEST = 0x80;
const FOLLOWS = 0x40;
const INTEROPERABLE = 0x20;
/** Of EVS Primary 2.8 kbit/s, whose first bit is always clear (A.2.1.3). */
const AMBIGUOUS_OCTETS = 7;

export interface EvsFraming {
  /** `hf-only=1`: no payload is of the compact format, whatever its length. */
  readonly headerFullOnly: boolean;
}

export interface EvsPayload {
  /** Bandwidth and rate the far side asks to be sent, three bits and four (table A.2). */
  readonly modeRequest: number;
  readonly frames: readonly EvsFrame[];
}

/** `undefined` for a payload that is not whole, or has frames of AMR-WB IO. */
export function readEvsPayload(
  { headerFullOnly }: EvsFraming,
  payload: Uint8Array,
): EvsPayload | undefined {
  if (headerFullOnly || !isCompact(payload)) return readHeaderFull(payload);
  const type = evsTypeOf(payload.length);
  if (type === undefined) return undefined;
  return { modeRequest: NO_EVS_REQUEST, frames: [evsFrame(type, payload)] };
}

/** The length tells, but for a SID of AMR-WB IO that has a mode request in front (A.2.1.3). */
const isCompact = (payload: Uint8Array): boolean =>
  isProtectedLength(payload.length) &&
  !(payload.length === AMBIGUOUS_OCTETS && ((payload[0] ?? 0) & REQUEST) !== 0);

/** What follows the frames is padding (A.2.2.1.4). */
function readHeaderFull(payload: Uint8Array): EvsPayload | undefined {
  const [first = 0] = payload;
  const hasRequest = (first & REQUEST) !== 0;
  const types = typesFrom(payload, hasRequest ? 1 : 0);
  if (!types) return undefined;
  let at = (hasRequest ? 1 : 0) + types.length;
  const frames: EvsFrame[] = [];
  for (const type of types) {
    const end = at + (evsOctets(type) ?? 0);
    if (end > payload.length) return undefined;
    frames.push(evsFrame(type, payload.subarray(at, end)));
    at = end;
  }
  return { modeRequest: hasRequest ? first & NO_EVS_REQUEST : NO_EVS_REQUEST, frames };
}

function typesFrom(payload: Uint8Array, start: number): readonly number[] | undefined {
  const types: number[] = [];
  for (let at = start; types.length < MAX_FRAMES; at += 1) {
    const toc = payload[at];
    if (toc === undefined || (toc & (REQUEST | INTEROPERABLE)) !== 0) return undefined;
    const type = toc & 0x0f;
    if (evsOctets(type) === undefined) return undefined;
    types.push(type);
    if ((toc & FOLLOWS) === 0) return types;
  }
  return undefined;
}

export interface EvsWriting extends EvsFraming {
  /** `cmr=1`: a mode request in every payload, also where nothing is asked for. */
  readonly alwaysRequests: boolean;
}

/** A frame alone is sent in the compact format, where that may be and nothing is asked for. */
export function writeEvsPayload(
  { headerFullOnly, alwaysRequests }: EvsWriting,
  { modeRequest, frames }: EvsPayload,
): Uint8Array {
  const [alone] = frames;
  const hasRequest = alwaysRequests || modeRequest !== NO_EVS_REQUEST;
  const fits = alone !== undefined && frames.length === 1 && alone.frameType <= EVS_SID;
  if (fits && !hasRequest && !headerFullOnly) return alone.octets.slice(1);
  const tocs = frames.map(
    ({ frameType }, at) => frameType | (at < frames.length - 1 ? FOLLOWS : 0),
  );
  const head = [...(hasRequest ? [REQUEST | modeRequest] : []), ...tocs];
  const octets = frames.reduce((sum, it) => sum + it.octets.length - 1, head.length);
  const payload = new Uint8Array(headerFullOnly ? octets : unprotected(octets));
  payload.set(head);
  let at = head.length;
  for (const frame of frames) {
    payload.set(frame.octets.subarray(1), at);
    at += frame.octets.length - 1;
  }
  return payload;
}

/** Padded, so that nobody takes it for a frame of the compact format. */
const unprotected = (octets: number): number =>
  isProtectedLength(octets) ? unprotected(octets + 1) : octets;

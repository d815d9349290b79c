import { viewOf } from './bytes.ts';

export const RTP_HEADER_BYTES = 12;

export interface RtpHeader {
  readonly marker: boolean;
  readonly payloadType: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
  /** Where the payload begins: fixed header, CSRCs and extension (RFC 3550 §5.1, §5.3.1). */
  readonly headerBytes: number;
}

/** `undefined` for what is no RTP version 2 packet or is shorter than it claims. */
export function readRtpHeader(packet: Uint8Array): RtpHeader | undefined {
  if (packet.length < RTP_HEADER_BYTES) return undefined;
  const view = viewOf(packet);
  const first = view.getUint8(0);
  if (first >> 6 !== 2) return undefined;
  const headerBytes = headerLength(view, first);
  if (headerBytes === undefined || headerBytes > packet.length) return undefined;
  const second = view.getUint8(1);
  return {
    marker: second >= 128,
    payloadType: second & 0x7f,
    sequence: view.getUint16(2),
    timestamp: view.getUint32(4),
    ssrc: view.getUint32(8),
    headerBytes,
  };
}

function headerLength(view: DataView, first: number): number | undefined {
  const withCsrcs = RTP_HEADER_BYTES + 4 * (first & 0x0f);
  if ((first & 0x10) === 0) return withCsrcs;
  if (view.byteLength < withCsrcs + 4) return undefined;
  return withCsrcs + 4 + 4 * view.getUint16(withCsrcs + 2);
}

/** The payload without padding; `undefined` where the padding count lies (RFC 3550 §5.1). */
export function payloadOf(packet: Uint8Array, header: RtpHeader): Uint8Array | undefined {
  const padded = ((packet[0] ?? 0) & 0x20) !== 0;
  if (!padded) return packet.subarray(header.headerBytes);
  const padding = packet.at(-1) ?? 0;
  if (padding === 0 || header.headerBytes + padding > packet.length) return undefined;
  return packet.subarray(header.headerBytes, packet.length - padding);
}

const NONE = new Uint8Array();

export type RtpFields = Omit<RtpHeader, 'headerBytes'>;

/** A packet with the fixed header, and at most one extension: all others and CSRCs end at this edge. */
export function writeRtp(
  fields: RtpFields,
  payload: Uint8Array,
  extension: Uint8Array = NONE,
): Uint8Array {
  const headerBytes = RTP_HEADER_BYTES + extension.length;
  const packet = new Uint8Array(headerBytes + payload.length);
  const view = viewOf(packet);
  view.setUint8(0, extension.length > 0 ? 0x90 : 0x80);
  view.setUint8(1, (fields.marker ? 0x80 : 0) | fields.payloadType);
  view.setUint16(2, fields.sequence);
  view.setUint32(4, fields.timestamp);
  view.setUint32(8, fields.ssrc);
  packet.set(extension, RTP_HEADER_BYTES);
  packet.set(payload, headerBytes);
  return packet;
}

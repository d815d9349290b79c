import { type ClockReference, EXTENDED_REPORT, packetsOf } from './rtcp-packet.ts';
import { METRICS_BYTES, readVoipMetrics, type VoipMetrics } from './voip-metrics.ts';

/** Blocks of an extended report (RFC 3611 §4.4, §4.7). */
const RECEIVER_REFERENCE = 4;
const VOIP_METRICS = 7;
const HEAD_BYTES = 4;
const REFERENCE_BYTES = HEAD_BYTES + 8;
const VOIP_METRICS_BYTES = HEAD_BYTES + 4 + METRICS_BYTES;

/** What a receiver has measured of one source. */
export interface MeasuredSource {
  readonly source: number;
  readonly metrics: VoipMetrics;
}

/** The clocks in its extended reports, the last one last. */
export const readReferences = (compound: Uint8Array): readonly ClockReference[] =>
  blocksOf(compound).flatMap(({ block, ssrc, type }) =>
    type === RECEIVER_REFERENCE && block.byteLength === REFERENCE_BYTES
      ? [{ ssrc, ntpMiddle: block.getUint32(6) }]
      : [],
  );

/** What its sender has measured, in the order it stands there. */
export const readMeasured = (compound: Uint8Array): readonly MeasuredSource[] =>
  blocksOf(compound).flatMap(({ block, type }) =>
    type === VOIP_METRICS && block.byteLength === VOIP_METRICS_BYTES
      ? [{ source: block.getUint32(HEAD_BYTES), metrics: readVoipMetrics(metricsIn(block)) }]
      : [],
  );

const metricsIn = ({ buffer, byteOffset }: DataView): DataView =>
  new DataView(buffer, byteOffset + HEAD_BYTES + 4, METRICS_BYTES);

interface Block {
  /** Who sends the report. */
  readonly ssrc: number;
  readonly type: number;
  readonly block: DataView;
}

/** Of every extended report, as far as their lengths are true. */
function blocksOf(compound: Uint8Array): readonly Block[] {
  const found: Block[] = [];
  for (const packet of packetsOf(compound)) {
    if (packet.getUint8(1) !== EXTENDED_REPORT) continue;
    const ssrc = packet.getUint32(4);
    let at = 8;
    while (at + HEAD_BYTES <= packet.byteLength) {
      const bytes = 4 * (packet.getUint16(at + 2) + 1);
      if (at + bytes > packet.byteLength) break;
      const block = new DataView(packet.buffer, packet.byteOffset + at, bytes);
      found.push({ ssrc, type: packet.getUint8(at), block });
      at += bytes;
    }
  }
  return found;
}

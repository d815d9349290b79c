import { concatBytes, viewOf } from './bytes.ts';

const SENDER_REPORT = 200;
const RECEIVER_REPORT = 201;
const SOURCE_DESCRIPTION = 202;
const GOODBYE = 203;
export const EXTENDED_REPORT = 207;
/** A block of an extended report (RFC 3611 §4.5). */
const DELAY_SINCE_REFERENCE = 5;
const CNAME = 1;
/** Between the epochs of NTP (1900) and of Unix (RFC 5905 §6). */
const NTP_UNIX_OFFSET_S = 2_208_988_800;

/** How one source is received (RFC 3550 §6.4.1). */
export interface ReportBlock {
  readonly ssrc: number;
  /** Of 256 packets. */
  readonly fractionLost: number;
  readonly cumulativeLost: number;
  readonly highestSequence: number;
  readonly jitterTicks: number;
  /** Middle 32 bits of the NTP time of the last SR, and 1/65536 s since it came. */
  readonly lastReport: number;
  readonly delaySinceLast: number;
}

export interface SenderInfo {
  readonly nowMs: number;
  readonly rtpTimestamp: number;
  readonly packets: number;
  readonly octets: number;
}

export interface Report {
  readonly ssrc: number;
  readonly cname: string;
  /** Absent where nothing was sent since the last report: then it is a receiver report. */
  readonly sender?: SenderInfo;
  readonly blocks: readonly ReportBlock[];
  /** The clock of a receiver, given back to it. */
  readonly reference?: ClockReference & { readonly delaySince: number };
}

/** When a receiver that sends nothing has looked at its clock: it wants that back (RFC 3611 §4.4). */
export interface ClockReference {
  readonly ssrc: number;
  readonly ntpMiddle: number;
}

/** A compound packet begins with a report and carries the CNAME (RFC 3550 §6.1). */
export const writeReport = (report: Report): Uint8Array =>
  concatBytes(
    writeReportPart(report),
    writeCname(report.ssrc, report.cname),
    writeReference(report),
  );

/** The same with a goodbye at its end (RFC 3550 §6.6). */
export const writeGoodbye = (report: Report): Uint8Array =>
  concatBytes(writeReport(report), framed(GOODBYE, 1, words(report.ssrc)));

function writeReportPart({ ssrc, sender, blocks }: Report): Uint8Array {
  const receptions = blocks.map(writeBlock);
  const type = sender ? SENDER_REPORT : RECEIVER_REPORT;
  const info = sender ? [writeSender(sender)] : [];
  return framed(type, blocks.length, concatBytes(words(ssrc), ...info, ...receptions));
}

/** How answers to a sender report of this moment name it: the middle of its NTP time. */
export const ntpMiddleOf = (nowMs: number): number =>
  (((Math.floor(nowMs / 1000) + NTP_UNIX_OFFSET_S) % 0x1_0000) * 0x1_0000 +
    Math.floor(((nowMs % 1000) / 1000) * 0x1_0000)) >>>
  0;

function writeSender({ nowMs, rtpTimestamp, packets, octets }: SenderInfo): Uint8Array {
  const seconds = Math.floor(nowMs / 1000) + NTP_UNIX_OFFSET_S;
  const fraction = Math.floor(((nowMs % 1000) / 1000) * 0x1_0000_0000);
  return words(seconds, fraction, rtpTimestamp, packets, octets);
}

/** The round trip for who cannot have it from reports on itself (RFC 3611 §4.5). */
function writeReference({ ssrc, reference }: Report): Uint8Array {
  if (!reference) return new Uint8Array();
  const head = DELAY_SINCE_REFERENCE * 0x100_0000 + 3;
  const { ssrc: of, ntpMiddle, delaySince } = reference;
  return framed(EXTENDED_REPORT, 0, words(ssrc, head, of, ntpMiddle, delaySince));
}

const writeBlock = (block: ReportBlock): Uint8Array =>
  words(
    block.ssrc,
    block.fractionLost * 0x100_0000 + (block.cumulativeLost & 0xff_ffff),
    block.highestSequence,
    block.jitterTicks,
    block.lastReport,
    block.delaySinceLast,
  );

function writeCname(ssrc: number, cname: string): Uint8Array {
  const text = Uint8Array.from(cname, (char) => char.charCodeAt(0)).subarray(0, 255);
  const item = concatBytes(Uint8Array.of(CNAME, text.length), text);
  // The list of items ends with at least one zero and fills its word (RFC 3550 §6.5).
  const padded = new Uint8Array(item.length + 4 - (item.length % 4));
  padded.set(item);
  return framed(SOURCE_DESCRIPTION, 1, concatBytes(words(ssrc), padded));
}

function framed(type: number, count: number, body: Uint8Array): Uint8Array {
  return concatBytes(words(((0x80 | count) << 24) + (type << 16) + body.length / 4), body);
}

function words(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  const view = viewOf(bytes);
  values.forEach((value, index) => {
    view.setUint32(4 * index, value);
  });
  return bytes;
}

export interface ReceivedReport {
  readonly ssrc: number;
  /** Middle 32 bits of the NTP time, for `lastReport` of our next block. */
  readonly ntpMiddle?: number;
  readonly blocks: readonly ReportBlock[];
}

/** The SRs and RRs of a compound packet; everything else in it is passed over. */
export function readReports(compound: Uint8Array): readonly ReceivedReport[] {
  return packetsOf(compound).flatMap((packet) => readReport(packet) ?? []);
}

/** The packets of a compound one, as far as their lengths are true. */
export function packetsOf(compound: Uint8Array): readonly DataView[] {
  const packets: DataView[] = [];
  const view = viewOf(compound);
  let offset = 0;
  while (offset + 8 <= compound.length) {
    const end = offset + 4 * (view.getUint16(offset + 2) + 1);
    if (view.getUint8(offset) >> 6 !== 2 || end > compound.length) break;
    packets.push(viewOf(compound.subarray(offset, end)));
    offset = end;
  }
  return packets;
}

/** Who says goodbye in it (RFC 3550 §6.6). */
export const readGoodbyes = (compound: Uint8Array): readonly number[] =>
  packetsOf(compound).flatMap((packet) => {
    if (packet.getUint8(1) !== GOODBYE) return [];
    const count = Math.min(packet.getUint8(0) & 0x1f, packet.byteLength / 4 - 1);
    return Array.from({ length: count }, (_, index) => packet.getUint32(4 + 4 * index));
  });

function readReport(view: DataView): ReceivedReport | undefined {
  const type = view.getUint8(1);
  if (type !== SENDER_REPORT && type !== RECEIVER_REPORT) return undefined;
  const isSender = type === SENDER_REPORT;
  const blocksAt = isSender ? 28 : 8;
  const count = view.getUint8(0) & 0x1f;
  if (view.byteLength < blocksAt + 24 * count) return undefined;
  return {
    ssrc: view.getUint32(4),
    ...(isSender ? { ntpMiddle: view.getUint32(10) } : {}),
    blocks: Array.from({ length: count }, (_, index) => readBlock(view, blocksAt + 24 * index)),
  };
}

const readBlock = (view: DataView, at: number): ReportBlock => ({
  ssrc: view.getUint32(at),
  fractionLost: view.getUint8(at + 4),
  cumulativeLost: (view.getInt32(at + 4) << 8) >> 8,
  highestSequence: view.getUint32(at + 8),
  jitterTicks: view.getUint32(at + 12),
  lastReport: view.getUint32(at + 16),
  delaySinceLast: view.getUint32(at + 20),
});

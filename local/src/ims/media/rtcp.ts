import type { ReceptionReport } from './reception.ts';

export interface SenderReport {
  /** The middle 32 bits of its NTP time, to be given back as LSR. */
  readonly middleNtp: number;
}

export interface SenderState {
  readonly nowMs: number;
  readonly timestamp: number;
  readonly packets: number;
  readonly octets: number;
}

export interface RtcpOptions {
  readonly ssrc: number;
  readonly cname: string;
  /** Present while we send: an SR instead of an RR. */
  readonly sender?: SenderState;
  readonly reception?: ReceptionReport;
  readonly lastReport?: { readonly middleNtp: number; readonly delayMs: number };
}

const SENDER_REPORT = 200;
const RECEIVER_REPORT = 201;
const DESCRIPTION = 202;
const NTP_EPOCH_S = 2_208_988_800;

export function isRtcp(bytes: Buffer): boolean {
  const type = bytes.length < 8 ? 0 : bytes.readUInt8(1);
  return type >= SENDER_REPORT && type <= 207 && bytes.readUInt8(0) >> 6 === 2;
}

/** Only the first packet of a compound may be a sender report (RFC 3550 §6.1). */
export function readSenderReport(bytes: Buffer): SenderReport | undefined {
  if (!isRtcp(bytes) || bytes.readUInt8(1) !== SENDER_REPORT || bytes.length < 28) return undefined;
  return { middleNtp: ((bytes.readUInt16BE(10) << 16) | bytes.readUInt16BE(12)) >>> 0 };
}

/** One request for a lost packet or a whole picture (RFC 4585 §6.1). */
export interface Feedback {
  readonly type: number;
  readonly format: number;
  readonly sender: number;
  readonly media: number;
  /** What follows the two sources. */
  readonly control: Buffer;
}

const FEEDBACK_TYPES = [205, 206];
const FEEDBACK_HEAD = 12;

/** The feedback of a compound, in its order; what is no RTCP any more ends it. */
export function readFeedback(bytes: Buffer): readonly Feedback[] {
  const found: Feedback[] = [];
  for (let at = 0; at + 4 <= bytes.length; ) {
    const end = at + 4 + 4 * bytes.readUInt16BE(at + 2);
    const type = bytes.readUInt8(at + 1);
    if (bytes.readUInt8(at) >> 6 !== 2 || end > bytes.length) break;
    if (FEEDBACK_TYPES.includes(type) && end - at >= FEEDBACK_HEAD) {
      found.push({
        ...{ type, format: bytes.readUInt8(at) & 0x1f },
        ...{ sender: bytes.readUInt32BE(at + 4), media: bytes.readUInt32BE(at + 8) },
        control: bytes.subarray(at + FEEDBACK_HEAD, end),
      });
    }
    at = end;
  }
  return found;
}

/** Alone, in reduced size (RFC 5506 §3.4.1). */
export function writeFeedback({ type, format, sender, media, control }: Feedback): Buffer {
  const head = Buffer.alloc(FEEDBACK_HEAD);
  head.writeUInt8(0x80 | format, 0);
  head.writeUInt8(type, 1);
  head.writeUInt16BE((FEEDBACK_HEAD + control.length) / 4 - 1, 2);
  head.writeUInt32BE(sender, 4);
  head.writeUInt32BE(media, 8);
  return Buffer.concat([head, control]);
}

/** A compound of SR or RR and SDES with a CNAME (RFC 3550 §6.1). */
export function writeReport(options: RtcpOptions): Buffer {
  const { ssrc, sender, reception } = options;
  const blocks = reception === undefined ? Buffer.alloc(0) : block(reception, options.lastReport);
  const head = Buffer.alloc(8);
  head.writeUInt8(0x80 | (reception === undefined ? 0 : 1), 0);
  head.writeUInt8(sender === undefined ? RECEIVER_REPORT : SENDER_REPORT, 1);
  head.writeUInt32BE(ssrc, 4);
  const report = Buffer.concat([
    head,
    sender === undefined ? blocks.subarray(0, 0) : info(sender),
    blocks,
  ]);
  report.writeUInt16BE(report.length / 4 - 1, 2);
  return Buffer.concat([report, description(ssrc, options.cname)]);
}

function info({ nowMs, timestamp, packets, octets }: SenderState): Buffer {
  const bytes = Buffer.alloc(20);
  const seconds = Math.floor(nowMs / 1_000);
  bytes.writeUInt32BE((seconds + NTP_EPOCH_S) >>> 0, 0);
  bytes.writeUInt32BE(Math.floor(((nowMs / 1_000) % 1) * 2 ** 32), 4);
  bytes.writeUInt32BE(timestamp >>> 0, 8);
  bytes.writeUInt32BE(packets, 12);
  bytes.writeUInt32BE(octets, 16);
  return bytes;
}

function block(report: ReceptionReport, last: RtcpOptions['lastReport']): Buffer {
  const bytes = Buffer.alloc(24);
  bytes.writeUInt32BE(report.ssrc, 0);
  bytes.writeUInt8(Math.min(report.fractionLost, 255), 4);
  bytes.writeUIntBE(Math.min(report.lost, 0x7fffff), 5, 3);
  bytes.writeUInt32BE(report.highestSequence >>> 0, 8);
  bytes.writeUInt32BE(report.jitter, 12);
  bytes.writeUInt32BE(last?.middleNtp ?? 0, 16);
  bytes.writeUInt32BE(Math.floor(((last?.delayMs ?? 0) * 65_536) / 1_000) >>> 0, 20);
  return bytes;
}

function description(ssrc: number, cname: string): Buffer {
  const name = Buffer.from(cname).subarray(0, 255);
  // One to four zero octets end the items and fill the word (RFC 3550 §6.5).
  const bytes = Buffer.alloc(8 + 4 * Math.ceil((2 + name.length + 1) / 4));
  bytes.writeUInt8(0x81, 0);
  bytes.writeUInt8(DESCRIPTION, 1);
  bytes.writeUInt16BE(bytes.length / 4 - 1, 2);
  bytes.writeUInt32BE(ssrc, 4);
  bytes.writeUInt8(1, 8);
  bytes.writeUInt8(name.length, 9);
  name.copy(bytes, 10);
  return bytes;
}

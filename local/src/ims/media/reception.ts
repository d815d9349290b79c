import type { RtpPacket } from './rtp-packet.ts';

export interface ReceptionReport {
  readonly ssrc: number;
  readonly fractionLost: number;
  readonly lost: number;
  readonly highestSequence: number;
  readonly jitter: number;
}

/** What a report block says of one sender (RFC 3550 §6.4.1, Appendix A). */
export function createReception(clockRateHz: number): {
  receive(packet: RtpPacket, nowMs: number): void;
  report(): ReceptionReport | undefined;
} {
  let stream: Stream | undefined;
  return {
    receive(packet, nowMs) {
      if (stream?.ssrc !== packet.ssrc) stream = newStream(packet);
      count(stream, packet, (nowMs * clockRateHz) / 1_000);
    },
    report: () => (stream === undefined ? undefined : reportOf(stream)),
  };
}

interface Stream {
  readonly ssrc: number;
  readonly base: number;
  highest: number;
  received: number;
  reportedExpected: number;
  reportedReceived: number;
  transit: number | undefined;
  jitter: number;
}

function newStream({ ssrc, sequence }: RtpPacket): Stream {
  return {
    ssrc,
    base: sequence,
    highest: sequence,
    received: 0,
    reportedExpected: 0,
    reportedReceived: 0,
    transit: undefined,
    jitter: 0,
  };
}

function count(stream: Stream, { sequence, timestamp }: RtpPacket, arrival: number): void {
  const ahead = (sequence - stream.highest) & 0xffff;
  if (ahead < 0x8000) stream.highest += ahead;
  stream.received += 1;
  const transit = arrival - timestamp;
  const change = stream.transit === undefined ? 0 : Math.abs(transit - stream.transit);
  stream.transit = transit;
  stream.jitter += (change - stream.jitter) / 16;
}

function reportOf(stream: Stream): ReceptionReport {
  const expected = stream.highest - stream.base + 1;
  const expectedNow = expected - stream.reportedExpected;
  const lostNow = expectedNow - (stream.received - stream.reportedReceived);
  stream.reportedExpected = expected;
  stream.reportedReceived = stream.received;
  return {
    ssrc: stream.ssrc,
    fractionLost: expectedNow > 0 && lostNow > 0 ? Math.floor((lostNow << 8) / expectedNow) : 0,
    lost: Math.max(0, expected - stream.received),
    highestSequence: stream.highest,
    jitter: Math.floor(Math.min(stream.jitter, 0xffffffff)),
  };
}

import type { RtpPacket } from './rtp-packet.ts';

const KEYS = '0123456789*#ABCD';

/** Collects digits from telephone-events: each once, however often its end is repeated (RFC 4733 §2.5). */
export function createDtmfReceiver(): {
  receive(packet: RtpPacket): void;
  digits(): string;
} {
  let digits = '';
  let lastTimestamp: number | undefined;
  return {
    receive({ payload, timestamp }) {
      const key = KEYS[payload[0] ?? 255];
      if (payload.length < 4 || key === undefined || timestamp === lastTimestamp) return;
      lastTimestamp = timestamp;
      digits += key;
    },
    digits: () => digits,
  };
}

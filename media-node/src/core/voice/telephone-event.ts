import { viewOf } from '../media/bytes.ts';

/** The four octets of RFC 4733 §2.3. */
export interface TelephoneEvent {
  readonly event: number;
  readonly isEnd: boolean;
  readonly volume: number;
  readonly durationTicks: number;
}

const EVENT_BYTES = 4;

export function readTelephoneEvent(payload: Uint8Array): TelephoneEvent | undefined {
  if (payload.length < EVENT_BYTES) return undefined;
  const view = viewOf(payload);
  const second = view.getUint8(1);
  return {
    event: view.getUint8(0),
    isEnd: (second & 0x80) !== 0,
    volume: second & 0x3f,
    durationTicks: view.getUint16(2),
  };
}

export function writeTelephoneEvent(of: TelephoneEvent): Uint8Array {
  const payload = new Uint8Array(EVENT_BYTES);
  const view = viewOf(payload);
  view.setUint8(0, of.event);
  view.setUint8(1, (of.isEnd ? 0x80 : 0) | of.volume);
  view.setUint16(2, of.durationTicks);
  return payload;
}

/** The same stretch of time at another clock; what 16 bits cannot hold stays at their end (§2.5.1.3). */
export const durationAt = (ticks: number, fromHz: number, toHz: number): number =>
  Math.min(0xffff, Math.round((ticks * toHz) / fromHz));

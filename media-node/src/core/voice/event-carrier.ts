import type { VoiceLeg } from '../../ports/transcoder.ts';
import type { RtpHeader } from '../media/rtp-packet.ts';
import type { SoundSink } from './sound-sink.ts';
import { durationAt, readTelephoneEvent } from './telephone-event.ts';

interface Carried {
  readonly event: number;
  readonly arrivingTimestamp: number;
  readonly leavingTimestamp: number;
  readonly lastMs: number;
  readonly isEnded: boolean;
}

/** Updates come every 20 to 50 ms; an event whose end was lost is over after this. */
const MAX_QUIET_MS = 200;

/**
 * Telephone-events of one leg, under the clock of the other (RFC 4733 §2.1). While one lasts no
 * sound is sent: a sender that also sends the tone would be heard twice.
 */
export class EventCarrier {
  readonly #from: VoiceLeg;
  readonly #to: VoiceLeg;
  readonly #sink: SoundSink;
  #carried: Carried | undefined;

  constructor(from: VoiceLeg, to: VoiceLeg, sink: SoundSink) {
    this.#from = from;
    this.#to = to;
    this.#sink = sink;
  }

  /** The packet for the other leg; none where it has no events, or where this is no event. */
  take(header: RtpHeader, payload: Uint8Array, nowMs: number): Uint8Array | undefined {
    const event = readTelephoneEvent(payload);
    const [from, to] = [this.#from.events, this.#to.events];
    if (!(event && from)) return undefined;
    const isNew = this.#carried?.arrivingTimestamp !== header.timestamp;
    const leavingTimestamp = isNew ? this.#sink.timestamp : (this.#carried?.leavingTimestamp ?? 0);
    // An update that overtook the end does not begin the event anew.
    const isEnded = event.isEnd || (!isNew && this.#carried?.isEnded === true);
    this.#carried = {
      arrivingTimestamp: header.timestamp,
      ...{ event: event.event, leavingTimestamp, lastMs: nowMs, isEnded },
    };
    if (!to) return undefined;
    const durationTicks = durationAt(event.durationTicks, from.clockRateHz, to.clockRateHz);
    return this.#sink.event(
      { ...event, durationTicks },
      { timestamp: leavingTimestamp, marker: isNew },
    );
  }

  isSounding(nowMs: number): boolean {
    const carried = this.#carried;
    return carried !== undefined && !carried.isEnded && nowMs - carried.lastMs < MAX_QUIET_MS;
  }

  /** The event that lasts, where the other leg can only be told by its tone. */
  tone(nowMs: number): number | undefined {
    return this.#to.hearsTones && this.isSounding(nowMs) ? this.#carried?.event : undefined;
  }
}

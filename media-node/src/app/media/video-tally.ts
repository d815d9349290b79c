import { NO_PICTURES } from '../../core/media/no-traffic.ts';
import type { CodecsOfLegs, VideoCarried } from '../../core/quality/leg-numbers.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Gate } from '../../ports/media-plane.ts';
import type { Requests, VideoLegStats, VideoStats } from '../../ports/media-stats.ts';

const NOTHING: VideoStats = { access: NO_PICTURES, ims: NO_PICTURES };

/** What the video of one call has carried: it may come and go, and each time it counts from nought. */
export class VideoTally {
  readonly #clock: Pick<Clock, 'nowMs'>;
  /** Of the streams that are closed. */
  #before = NOTHING;
  #beforeMs = 0;
  #openedAtMs: number | undefined;
  #wasOpen = false;
  /** Of the format that was agreed last. */
  codecs: CodecsOfLegs = {};

  constructor(clock: Pick<Clock, 'nowMs'>) {
    this.#clock = clock;
  }

  gateSet({ toIms, toBrowser }: Gate): void {
    if (!(toIms || toBrowser)) {
      this.#shut();
      return;
    }
    this.#wasOpen = true;
    this.#openedAtMs ??= this.#clock.nowMs();
  }

  ended(stats: VideoStats): void {
    this.#shut();
    this.#before = sumOf(this.#before, stats);
  }

  read(present: VideoStats | undefined): VideoCarried | undefined {
    if (!this.#wasOpen) return undefined;
    const { access, ims } = present ? sumOf(this.#before, present) : this.#before;
    return { access, ims, codecs: this.codecs, onMs: this.#onMs };
  }

  get #onMs(): number {
    const sinceMs = this.#openedAtMs === undefined ? 0 : this.#clock.nowMs() - this.#openedAtMs;
    return this.#beforeMs + Math.max(0, sinceMs);
  }

  #shut(): void {
    this.#beforeMs = this.#onMs;
    this.#openedAtMs = undefined;
  }
}

const sumOf = (before: VideoStats, last: VideoStats): VideoStats => ({
  access: sumOfLeg(before.access, last.access),
  ims: sumOfLeg(before.ims, last.ims),
});

/** Quality is that of the last. */
const sumOfLeg = (before: VideoLegStats, last: VideoLegStats): VideoLegStats => ({
  ...last,
  packetsReceived: before.packetsReceived + last.packetsReceived,
  octetsReceived: before.octetsReceived + last.octetsReceived,
  packetsSent: before.packetsSent + last.packetsSent,
  octetsSent: before.octetsSent + last.octetsSent,
  packetsDropped: before.packetsDropped + last.packetsDropped,
  packetsLost: before.packetsLost + last.packetsLost,
  reportsReceived: before.reportsReceived + last.reportsReceived,
  requestsReceived: sumOfRequests(before.requestsReceived, last.requestsReceived),
  requestsSent: sumOfRequests(before.requestsSent, last.requestsSent),
  ...farOf(before, last),
});

function farOf({ far: before }: VideoLegStats, { far: last }: VideoLegStats) {
  const quality = last ?? before;
  if (!quality) return {};
  const packetsLost = (before?.packetsLost ?? 0) + (last?.packetsLost ?? 0);
  return { far: { ...quality, packetsLost } };
}

const sumOfRequests = (before: Requests, last: Requests): Requests => ({
  nacks: before.nacks + last.nacks,
  pictures: before.pictures + last.pictures,
});

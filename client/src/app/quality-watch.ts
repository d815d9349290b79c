import { type Quality, qualityBetween } from '../core/quality.ts';
import type { Clock } from '../ports/clock.ts';
import type { MediaCounters } from '../ports/peer-connection.ts';

export interface QualityWatchDeps {
  readonly clock: Clock;
  readonly counters: () => Promise<MediaCounters>;
  readonly onQuality: (quality: Quality) => void;
  /** Nothing is to be heard now: the call is on hold. */
  readonly isQuiet: () => boolean;
  /** Of every second: whether anything came. */
  readonly onHeard: (isHeard: boolean) => void;
  /** Nothing has been heard for ten seconds; said once until something is heard again. */
  readonly onSilence: () => void;
  readonly onSound: () => void;
}

const SAMPLE_MS = 1_000;
const SILENCE_MS = 10_000;

/** Samples a call every second until stopped. */
export function watchQuality(deps: QualityWatchDeps): () => void {
  const { clock } = deps;
  let before: MediaCounters | undefined;
  let heardAtMs = clock.nowMs();
  let silent = false;
  let stopped = false;
  let stopTimer: () => void;

  const listen = (now: MediaCounters): void => {
    const isHeard = !before || now.packetsReceived > before.packetsReceived;
    deps.onHeard(isHeard);
    if (isHeard || deps.isQuiet()) {
      heardAtMs = clock.nowMs();
      if (silent) deps.onSound();
      silent = false;
    } else if (!silent && clock.nowMs() - heardAtMs >= SILENCE_MS) {
      silent = true;
      deps.onSilence();
    }
  };
  const sample = async (): Promise<void> => {
    const now = await deps.counters();
    if (stopped) return;
    listen(now);
    if (before) deps.onQuality(qualityBetween(before, now));
    before = now;
  };
  const again = (): void => {
    stopTimer = clock.after(SAMPLE_MS, () => {
      sample()
        .catch(() => undefined)
        .finally(() => {
          if (!stopped) again();
        });
    });
  };
  again();
  return () => {
    stopped = true;
    stopTimer();
  };
}

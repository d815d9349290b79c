import type { Event } from '@isthmus/shared/wire/events';
import { hasGap, START_OF_EVENTS, takeEvent } from '../core/event-sequencer.ts';
import type { Clock } from '../ports/clock.ts';

export interface EventIntake {
  readonly lastSeq: number;
  readonly take: (event: Event) => void;
  /** Events wait until the session they belong to is known to us. */
  open(): void;
  reset(): void;
}

export interface EventIntakeDeps {
  readonly clock: Clock;
  readonly deliver: (event: Event) => void;
  readonly fetchMissed: () => void;
}

/** A reordering network is done with a message long before this. */
const GAP_MS = 1_000;

/** Puts events back into their order, and asks for those that stay away. */
export function createEventIntake(deps: EventIntakeDeps): EventIntake {
  let sequence = START_OF_EVENTS;
  let early: Event[] | undefined = [];
  let stopTimer: (() => void) | undefined;

  const watchGap = (): void => {
    if (!hasGap(sequence)) {
      stopTimer?.();
      stopTimer = undefined;
      return;
    }
    stopTimer ??= deps.clock.after(GAP_MS, () => {
      stopTimer = undefined;
      deps.fetchMissed();
      watchGap();
    });
  };
  const take = (event: Event): void => {
    if (early) {
      early.push(event);
      return;
    }
    const taken = takeEvent(sequence, event);
    sequence = taken.sequence;
    for (const due of taken.due) deps.deliver(due);
    watchGap();
  };
  return {
    get lastSeq() {
      return sequence.lastSeq;
    },
    take,
    open() {
      const before = early ?? [];
      early = undefined;
      for (const event of before) take(event);
    },
    reset() {
      stopTimer?.();
      stopTimer = undefined;
      sequence = START_OF_EVENTS;
      early = [];
    },
  };
}

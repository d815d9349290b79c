import type { Clock } from '@isthmus/media-node/ports/clock';
import type { Faults } from './stage.ts';

const STRUCK = 0.5;
const MAX_DELAY_MS = 60;

export interface FaultyDelivery {
  readonly faults: Readonly<Faults>;
  readonly clock: Clock;
  readonly random: () => number;
}

/** Carries a delivery out once and at once, or as the faults in force will have it. */
export function deliver({ faults, clock, random }: FaultyDelivery, delivery: () => void): void {
  const times = faults.duplicate && random() < STRUCK ? 2 : 1;
  for (let i = 0; i < times; i += 1) {
    if (faults.reorder && random() < STRUCK) clock.after(random() * MAX_DELAY_MS, delivery);
    else delivery();
  }
}

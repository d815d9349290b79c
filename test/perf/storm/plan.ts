import type { Options } from '../plan.ts';
import type { Limit } from '../report.ts';

export interface StormPlan {
  readonly users: number;
  readonly capPerS: number;
  readonly downS: number;
  /** How long it is watched after all are back. */
  readonly watchS: number;
}

const FULL: StormPlan = { users: 1_000, capPerS: 100, downS: 3, watchS: 45 };
const QUICK: StormPlan = { users: 150, capPerS: 50, downS: 1, watchS: 5 };

export const stormPlanFor = ({ quick }: Options): StormPlan => (quick ? QUICK : FULL);

export const RESTART = 'the core restarts';

export const STORM_LIMITS: readonly Limit[] = [
  { case: RESTART, figure: 'peakShareOfCap', limit: 1.5, sense: 'max' },
  { case: RESTART, figure: 'laterPeakShareOfCap', limit: 0.1, sense: 'max' },
  { case: RESTART, figure: 'freshPerUser', limit: 1.1, sense: 'max' },
  { case: RESTART, figure: 'backShare', limit: 1, sense: 'min' },
];

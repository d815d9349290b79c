import type { Options } from '../plan.ts';

export interface SessionPlan {
  readonly users: number;
  readonly rounds: number;
  /** Of a peer that has just started; not counted. */
  readonly firstCalls: number;
  /** Then as many as it takes until what compiles as it runs has compiled. */
  readonly warmUpCalls: number;
  readonly calls: number;
  /** Calls a second that are tried, one after the other, until one is too much. */
  readonly ramp: readonly number[];
  readonly rampS: number;
}

const FULL: SessionPlan = {
  users: 40,
  rounds: 3,
  firstCalls: 100,
  warmUpCalls: 600,
  calls: 150,
  ramp: [20, 40, 80, 120, 160, 200],
  rampS: 3,
};

const QUICK: SessionPlan = {
  users: 20,
  rounds: 1,
  firstCalls: 20,
  warmUpCalls: 40,
  calls: 40,
  ramp: [20, 60, 120],
  rampS: 1,
};

/** At which the CPU of a call is measured: far below what either can do. */
export const CALM_PER_S = 15;

/** Both can do it. */
export const WARM_UP_PER_S = 30;

export const sessionPlanFor = ({ quick }: Options): SessionPlan => (quick ? QUICK : FULL);

import type { Options } from '../plan.ts';

export interface RegistrationPlan {
  /** At the registrar that both products meet. */
  readonly users: number;
  /** Janus registers ten a second, whatever is done. */
  readonly janusUsers: number;
  readonly rounds: number;
  readonly idleS: number;
  /** On the real core. */
  readonly coreUsers: number;
  readonly calls: number;
  /** Between the last registration and the look at the heap. */
  readonly restS: number;
  /** Of the whole product. */
  readonly browsers: number;
}

const FULL: RegistrationPlan = {
  users: 300,
  janusUsers: 300,
  rounds: 3,
  idleS: 10,
  coreUsers: 2_000,
  calls: 20,
  restS: 60,
  browsers: 40,
};

const QUICK: RegistrationPlan = {
  users: 400,
  janusUsers: 80,
  rounds: 1,
  idleS: 3,
  coreUsers: 300,
  calls: 5,
  restS: 7,
  browsers: 15,
};

export const AT_A_TIME = 10;

export const registrationPlanFor = ({ quick }: Options): RegistrationPlan => (quick ? QUICK : FULL);

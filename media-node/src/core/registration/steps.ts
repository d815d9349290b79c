import type {
  Answered,
  Attempt,
  ChallengeKind,
  NextProxy,
  RegistrationEffect,
  RegistrationState,
  RegistrationStep,
  RegistrationTimer,
} from './registration-types.ts';

export type In<K extends RegistrationState['kind']> = Extract<RegistrationState, { kind: K }>;

/** 3GPP TS 24.229 §5.1.1.2.1. */
export const EXPIRES_S = 600_000;
/** How long a farewell may take before it is left to expire. */
const FAREWELL_MS = 5_000;

export const go = (
  state: RegistrationState,
  ...effects: readonly RegistrationEffect[]
): RegistrationStep => ({ state, effects });

export const stay = (state: RegistrationState): RegistrationStep => go(state);

export const end = (...effects: readonly RegistrationEffect[]): RegistrationStep =>
  go({ kind: 'ended' }, ...effects, { kind: 'report-end' });

export const start = (timer: RegistrationTimer, ms: number): RegistrationEffect => ({
  ...{ kind: 'start-timer', timer, ms },
});
export const stop = (timer: RegistrationTimer): RegistrationEffect => ({
  ...{ kind: 'stop-timer', timer },
});
export const farewell = start('farewell', FAREWELL_MS);

export const lost = (reason: string): RegistrationEffect => ({ kind: 'report-lost', reason });

export const leave = (holdOffMs: number, rediscover = false): NextProxy => ({
  ...{ kind: 'use-next-proxy', holdOffMs, rediscover },
});

export const offline = (failures = 0, expiresS = EXPIRES_S): RegistrationState => ({
  ...{ kind: 'offline', failures, expiresS },
});

const NONE_ANSWERED: Answered = { registrar: 0, proxy: 0, stale: 0, resync: 0 };

/** An attempt to register for so long, after so many that failed. */
export const attempt = (
  { expiresS, failures, tidying }: Pick<Attempt, 'expiresS' | 'failures' | 'tidying'>,
  { isBound }: { readonly isBound: boolean },
): RegistrationStep =>
  go(
    {
      ...{ kind: 'registering', isBound },
      attempt: { expiresS, failures, answered: NONE_ANSWERED, ...(tidying && { tidying }) },
    },
    {
      ...{ kind: 'send-register', expiresS, authorization: 'fresh' },
      ...(tidying && { withdraw: tidying.strays }),
    },
  );

export const deregister = (...effects: readonly RegistrationEffect[]): RegistrationStep =>
  go({ kind: 'deregistering', answered: NONE_ANSWERED }, ...effects, {
    ...{ kind: 'send-register', expiresS: 0, authorization: 'fresh' },
  });

/**
 * 3GPP TS 24.229 §5.1.1.5: whoever is challenged again after two answers has the wrong password
 * (REG-6). A nonce too old and a sequence number behind are no such failures, and have an end too.
 */
const MOST: Answered = { registrar: 2, proxy: 2, stale: 3, resync: 1 };

export interface Challenged {
  readonly status: number;
  readonly challenge?: ChallengeKind;
}

/** Undefined where the challenge is not to be answered any more. */
export function answeredOnceMore(
  before: Answered,
  { challenge, status }: Challenged,
): Answered | undefined {
  if (challenge === undefined || challenge === 'foreign') return undefined;
  const by = status === 407 ? 'proxy' : 'registrar';
  const counted = challenge === 'new' ? by : challenge;
  return before[counted] >= MOST[counted]
    ? undefined
    : { ...before, [counted]: before[counted] + 1 };
}

export const isSuccess = (status: number): boolean => status >= 200 && status < 300;
export const isChallenge = (status: number): boolean => status === 401 || status === 407;

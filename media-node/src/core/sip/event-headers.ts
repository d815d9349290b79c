import { seconds } from './headers.ts';
import { parseParameters } from './name-addr.ts';

/** RFC 6665 §8.2.3, lower case. */
export interface SubscriptionStateValue {
  readonly state: 'pending' | 'active' | 'terminated';
  readonly reason?: string;
  readonly expiresS?: number;
  readonly retryAfterS?: number;
}

/** Event packages we subscribe to; NOTIFY of any other is none of ours. */
export const REG_EVENT = 'reg';

/** The package's name without its parameters (RFC 6665 §8.2.1); it is told letter by letter. */
export const eventOf = (value: string): string => (value.split(';', 1)[0] ?? '').trim();

const STATES = ['pending', 'active', 'terminated'] as const;

export function parseSubscriptionState(value: string): SubscriptionStateValue | undefined {
  const [name = ''] = value.split(';', 1);
  const state = STATES.find((it) => it === name.trim().toLowerCase());
  if (!state) return undefined;
  const parameters = parseParameters(value.slice(name.length));
  const reason = parameters['reason']?.toLowerCase();
  return {
    state,
    ...(reason !== undefined && { reason }),
    ...seconds('expiresS', parameters['expires']),
    ...seconds('retryAfterS', parameters['retry-after']),
  };
}

import type { SessionPolicy } from './session-policy.ts';

/** What the network said of hearing early media; undefined while it has said nothing. */
export type EarlyMedia = 'authorized' | 'refused';

const DIRECTIONS = new Set(['sendrecv', 'sendonly', 'recvonly', 'inactive']);

/**
 * P-Early-Media of a provisional response (RFC 5009 §8): in one, `send` is toward the caller. The
 * first direction is that of the first stream, our audio. Without the header the last word stands.
 */
export function earlyMediaAfter(
  before: EarlyMedia | undefined,
  values: readonly string[],
): EarlyMedia | undefined {
  const [direction] = values
    .flatMap((it) => it.split(','))
    .map((it) => it.trim().toLowerCase())
    .filter((it) => DIRECTIONS.has(it));
  if (direction === undefined) return before;
  return direction === 'sendrecv' || direction === 'sendonly' ? 'authorized' : 'refused';
}

/**
 * A network that never speaks of authorization is believed, unless the tenant wants its word. But a
 * description that only reserves resources brings no tone (RFC 3312 §6): who sent it is a phone.
 */
export const underPolicy = (
  said: EarlyMedia | undefined,
  { earlyMedia }: SessionPolicy,
  isConditional: boolean,
): EarlyMedia | undefined =>
  said ?? (isConditional || earlyMedia === 'authorized-only' ? 'refused' : undefined);

import {
  askAnewSoon,
  go,
  type In,
  MAX_ANSWERS,
  refuse,
  renewal,
  send,
  stay,
  wait,
} from './subscription-steps.ts';
import type { SubscribeAnswer, SubscriptionStep } from './subscription-types.ts';

/** RFC 6665 §4.1.2.2: after these the subscription is over. */
const OVER: ReadonlySet<number> = new Set([404, 405, 410, 416, 489, 501, 604]);
const OVER_AND_PASSING: ReadonlySet<number> = new Set([480, 481, 482, 483, 484, 485]);

export function whenAnswered(
  state: In<'asking'>,
  answer: SubscribeAnswer,
  chance: number,
): SubscriptionStep {
  const { memory } = state;
  const { retryAfterS, status } = answer;
  if (status >= 200 && status < 300) return accepted(state, answer);
  if (status === 401 || status === 407) return challenged(state, answer);
  if (status === 423) return tooBrief(state, answer);
  if (OVER.has(status)) return refuse(memory, status);
  if (OVER_AND_PASSING.has(status)) return overButMayCome(state, answer, chance);
  if (status === 408 || status >= 500 || retryAfterS !== undefined) {
    return status >= 600
      ? refuse(memory, status)
      : wait(memory, state.asking.dialog, { chance, atLeastS: retryAfterS ?? 0 });
  }
  return refuse(memory, status);
}

/** What the NOTIFY said in the meantime is the notifier's word too, and may be less. */
function accepted({ asking, memory }: In<'asking'>, answer: SubscribeAnswer): SubscriptionStep {
  const granted = answer.expiresS ?? asking.expiresS;
  const leftS = Math.min(granted, memory.leftS ?? granted);
  return go({ kind: 'subscribed', memory: { ...memory, failures: 0 } }, renewal(leftS));
}

function challenged(state: In<'asking'>, answer: SubscribeAnswer): SubscriptionStep {
  const { asking, memory } = state;
  if (!answer.isAnswerable || asking.answered >= MAX_ANSWERS) return refuse(memory, answer.status);
  const again = { ...asking, answered: asking.answered + 1 };
  return go({ ...state, asking: again }, send(again, 'answer'));
}

/** A Min-Expires we already met would loop. */
function tooBrief(state: In<'asking'>, { minExpiresS }: SubscribeAnswer): SubscriptionStep {
  const { asking, memory } = state;
  if (minExpiresS === undefined || minExpiresS <= asking.expiresS) return refuse(memory, 423);
  const longer = { ...asking, expiresS: minExpiresS, answered: 0 };
  return go({ ...state, asking: longer }, send(longer));
}

function overButMayCome(
  { asking, memory }: In<'asking'>,
  { retryAfterS, status }: SubscribeAnswer,
  chance: number,
): SubscriptionStep {
  if (status === 481 && asking.dialog === 'same') return askAnewSoon(memory, chance);
  return wait(memory, 'new', { chance, atLeastS: retryAfterS ?? 0 });
}

/** The NOTIFY that came proves the subscription, whatever became of the answer (RFC 6665 §4.1.2.4). */
export function whenMissed(state: In<'asking'>, chance: number): SubscriptionStep {
  const { asking, memory } = state;
  if (asking.dialog === 'new' && memory.leftS !== undefined) {
    return go({ kind: 'subscribed', memory: { ...memory, failures: 0 } }, renewal(memory.leftS));
  }
  return wait(memory, asking.dialog, { chance });
}

export function whenLeaving(state: In<'leaving'>, answer: SubscribeAnswer): SubscriptionStep {
  const isChallenge = answer.status === 401 || answer.status === 407;
  if (!isChallenge || !answer.isAnswerable || state.answered >= MAX_ANSWERS) {
    return answer.status < 200 ? stay(state) : go({ kind: 'ended' });
  }
  const again = { dialog: 'same', expiresS: 0, answered: state.answered + 1 } as const;
  return go({ kind: 'leaving', answered: again.answered }, send(again, 'answer'));
}

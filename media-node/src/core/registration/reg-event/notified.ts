import { backoffMs } from '../backoff.ts';
import { type Reading, readOn, type Verdict } from './reg-view.ts';
import { straysIn } from './strays.ts';
import {
  ask,
  askAnewSoon,
  forget,
  go,
  type Live,
  refuse,
  renewal,
  stopTimer,
  wait,
  withFirst,
} from './subscription-steps.ts';
import type {
  Memory,
  Notified,
  SubscriptionEffect,
  SubscriptionStep,
} from './subscription-types.ts';

/** RFC 6665 §4.1.3: after these a new subscription would fare no better. */
const FOR_GOOD: ReadonlySet<string> = new Set(['rejected', 'noresource', 'invariant']);
const AT_ONCE: ReadonlySet<string> = new Set(['deactivated', 'timeout']);

export function whenNotified(state: Live, event: Notified, chance: number): SubscriptionStep {
  const reading = event.info && readOn(state.memory.view, event.info, event.own);
  const verdict = reading && calmed(reading.verdict, state.memory.upsets, chance);
  const memory = remembered(state.memory, event, reading);
  const reports = [
    ...straysOf(state, event),
    ...endedOf(state, memory),
    ...(verdict && isNews(verdict) ? [{ kind: 'report-verdict', verdict } as const] : []),
  ];
  const after =
    event.state === 'terminated'
      ? terminated(memory, { event, isGone: verdict?.kind === 'gone', chance })
      : goesOn({ ...state, memory }, event, reading?.isGap === true);
  // Last, because what hears it may end us.
  return go(after.state, ...after.effects, ...reports);
}

/** Whoever stood there before us is history; who comes beside us later may be our successor. */
function straysOf({ memory }: Live, { info, own }: Notified): readonly SubscriptionEffect[] {
  if (!info || memory.view.version !== undefined) return [];
  const strays = straysIn(info, own);
  return strays.length > 0 ? [{ kind: 'report-strays', strays }] : [];
}

function endedOf({ memory: before }: Live, { view }: Memory): readonly SubscriptionEffect[] {
  const isSame = before.view.ended.join() === view.ended.join();
  return isSame ? [] : [{ kind: 'report-ended', identities: view.ended }];
}

const isNews = ({ kind }: Verdict): boolean => kind === 'gone' || kind === 'shortened';

const isAtOnce = (verdict: Verdict): boolean =>
  verdict.kind === 'gone' && (verdict.cause === 'deactivated' || verdict.cause === 'expired');

function remembered(
  { leftS: before, ...memory }: Memory,
  { expiresS, info, state }: Notified,
  reading: Reading | undefined,
): Memory {
  const leftS = state === 'terminated' ? undefined : (expiresS ?? before);
  return {
    ...memory,
    ...(leftS !== undefined && { leftS }),
    ...(reading && { view: reading.view }),
    ...(reading && isAtOnce(reading.verdict) && { upsets: memory.upsets + 1 }),
    hasAsked: memory.hasAsked && info?.isFull !== true,
  };
}

/**
 * A network that ends what it has just accepted is not to be met with REGISTER after REGISTER:
 * from the second time on we come back as after a failure.
 */
function calmed(verdict: Verdict, upsets: number, chance: number): Verdict {
  if (!isAtOnce(verdict) || upsets === 0) return verdict;
  const retryAfterS = Math.ceil(backoffMs({ count: upsets, isBound: false }, chance) / 1000);
  return { kind: 'gone', cause: 'probation', retryAfterS };
}

function goesOn(state: Live, { expiresS }: Notified, isGap: boolean): SubscriptionStep {
  if (state.kind !== 'subscribed') return go(state);
  const { memory } = state;
  // A notifier that never fills its gaps is asked once, until the next refresh.
  if (isGap && !memory.hasAsked) {
    return withFirst(ask({ ...memory, hasAsked: true }, 'same'), stopTimer);
  }
  const effects: SubscriptionEffect[] = expiresS === undefined ? [] : [renewal(expiresS)];
  return go(state, ...effects);
}

interface End {
  readonly event: Notified;
  /** The registration went with it: the next one brings a new subscription. */
  readonly isGone: boolean;
  readonly chance: number;
}

function terminated(memory: Memory, { chance, event, isGone }: End): SubscriptionStep {
  const { reason = '', retryAfterS } = event;
  if (isGone) return go({ kind: 'idle', memory }, stopTimer, forget);
  if (FOR_GOOD.has(reason)) return refuse(memory, reason);
  if (AT_ONCE.has(reason) && retryAfterS === undefined) return askAnewSoon(memory, chance);
  return wait(memory, 'new', { chance, atLeastS: retryAfterS ?? 0 });
}

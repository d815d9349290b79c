import { median, toHundredth } from '../numbers.ts';
import type { Row } from '../report.ts';
import { USABLE_P99_MS } from './plan.ts';
import { FLOOR } from './relays/floor.ts';
import { NATIVE_EPOLL } from './relays/isthmus.ts';
import { RTPENGINE } from './relays/rtpengine.ts';
import type { Seen } from './run-generator.ts';

/** One relay under one traffic in one round. */
export interface Sample {
  readonly case: string;
  readonly subject: string;
  readonly round: number;
  readonly seen: Seen | { readonly error: string };
}

type Measured = Sample & { readonly seen: Seen };
const isMeasured = (sample: Sample): sample is Measured => !('error' in sample.seen);

/** Medians over the rounds; ratios are those of each round, since rounds drift and pairs do not. */
export function rowsOf(samples: readonly Sample[]): readonly Row[] {
  const groups = Map.groupBy(samples, (it) => `${it.case}\n${it.subject}`);
  return [...groups.values()].map((group) => rowOf(group, samples));
}

function rowOf(group: readonly Sample[], all: readonly Sample[]): Row {
  const [first] = group;
  const about = { case: first?.case ?? '', subject: first?.subject ?? '' };
  const failed = group.find((it) => !isMeasured(it))?.seen;
  if (failed && 'error' in failed) return { ...about, error: failed.error };
  const seen = group.filter(isMeasured).map((it) => it.seen);
  const middle = (of: (one: Seen) => number): number => toHundredth(median(seen.map(of)));
  const sum = (of: (one: Seen) => number): number => seen.reduce((total, it) => total + of(it), 0);
  return {
    ...about,
    rounds: seen.length,
    cpuUsPerPacket: middle((it) => it.cpuUsPerPacket),
    ratioToRtpengine: ratioTo(RTPENGINE, group, all),
    ratioToFloor: ratioTo(FLOOR, group, all),
    ...(all.some((it) => it.subject === NATIVE_EPOLL) && {
      ratioToEpoll: ratioTo(NATIVE_EPOLL, group, all),
    }),
    lossPercent: toHundredth((sum((it) => it.lost) * 100) / sum((it) => it.sent)),
    p50Ms: middle((it) => it.p50Us / 1_000),
    p99Ms: middle((it) => it.p99Us / 1_000),
    packetsPerS: Math.round(median(seen.map((it) => it.packetsPerS))),
    relayCores: middle((it) => it.relayCores),
    generatorCores: middle((it) => it.generatorCores),
    badPackets: sum((it) => it.bad),
    verifiedPackets: sum((it) => it.verified),
  };
}

function ratioTo(subject: string, group: readonly Sample[], all: readonly Sample[]): number {
  const ratios = group.filter(isMeasured).flatMap((own) => {
    const other = all
      .filter(isMeasured)
      .find((it) => it.case === own.case && it.round === own.round && it.subject === subject);
    return other ? [own.seen.cpuUsPerPacket / other.seen.cpuUsPerPacket] : [];
  });
  return toHundredth(median(ratios));
}

export const USABLE = 'usable calls';

/** Carried without loss, and not late: in this round. */
export const isUsable = ({ lost, bad, p99Us }: Seen): boolean =>
  lost === 0 && bad === 0 && p99Us < USABLE_P99_MS * 1_000;

/** The most calls that were usable in every round; beside those of rtpengine. */
export function usableRows(
  rounds: readonly ReadonlyMap<string, number | { readonly error: string }>[],
): readonly Row[] {
  const [first = new Map<string, number>()] = rounds;
  const least = (subject: string): number | undefined => {
    const of = rounds.map((round) => round.get(subject));
    const numbers = of.filter((it) => typeof it === 'number');
    return numbers.length === of.length ? Math.min(...numbers) : undefined;
  };
  const theirs = least(RTPENGINE);
  return [...first].map(([subject, found]) => {
    const calls = least(subject);
    const about = { case: USABLE, subject };
    if (calls === undefined) {
      return { ...about, error: typeof found === 'object' ? found.error : 'failed in a round' };
    }
    return { ...about, calls, timesRtpengine: toHundredth(calls / (theirs ?? Number.NaN)) };
  });
}

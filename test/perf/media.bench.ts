import { runBench, tell } from './bench-run.ts';
import { range } from './in-turn.ts';
import { barredRows, MEDIA_LIMITS } from './media/limits.ts';
import { isUsable, rowsOf, type Sample, usableRows } from './media/media-rows.ts';
import { audioOf, type MediaPlan, mediaPlanFor, type Traffic } from './media/plan.ts';
import type { RelaySubject } from './media/relay.ts';
import { floorSubject } from './media/relays/floor.ts';
import { nativeEpollSubject, nativeSubject, portableSubject } from './media/relays/isthmus.ts';
import { rtpengineSubject } from './media/relays/rtpengine.ts';
import { runGenerator, type Seen } from './media/run-generator.ts';
import { buildTools, type Tools } from './media/tools.ts';

type Outcome = Seen | { readonly error: string };

async function measure(
  tools: Tools,
  subject: RelaySubject,
  load: Traffic & MediaPlan,
): Promise<Outcome> {
  try {
    const relay = await subject.start(load.calls);
    try {
      return await runGenerator(tools, relay, { ...load, suite: subject.suite });
    } finally {
      await relay.stop();
    }
  } catch (error) {
    return { error: error instanceof Error ? error.message : 'failed' };
  }
}

/** Each begins another round, so that none is always first. */
const rotated = <T>(items: readonly T[], by: number): readonly T[] => [
  ...items.slice(by % items.length),
  ...items.slice(0, by % items.length),
];

async function traffic(tools: Tools, subjects: readonly RelaySubject[], plan: MediaPlan) {
  const samples: Sample[] = [];
  for (const round of range(plan.rounds)) {
    for (const load of plan.traffic) {
      tell(`round ${String(round + 1)}: ${load.case}`);
      for (const subject of rotated(subjects, round)) {
        const seen = await measure(tools, subject, { ...load, ...plan });
        if ('error' in seen) tell(`${subject.name}: ${seen.error}`);
        samples.push({ case: load.case, subject: subject.name, round, seen });
      }
    }
  }
  return samples;
}

async function mostCalls(tools: Tools, subject: RelaySubject, plan: MediaPlan) {
  let most = 0;
  for (const calls of plan.ramp[subject.ramp]) {
    const seen = await measure(tools, subject, { ...audioOf(calls), ...plan });
    if ('error' in seen) return seen;
    if (!isUsable(seen)) break;
    most = calls;
  }
  return most;
}

async function ramps(tools: Tools, subjects: readonly RelaySubject[], plan: MediaPlan) {
  const rounds = [];
  for (const round of range(plan.rounds)) {
    tell(`round ${String(round + 1)}: usable calls`);
    const found = new Map<string, number | { readonly error: string }>();
    for (const subject of rotated(subjects, round)) {
      found.set(subject.name, await mostCalls(tools, subject, plan));
    }
    rounds.push(found);
  }
  return usableRows(rounds);
}

await runBench('media', MEDIA_LIMITS, async (options) => {
  const plan = mediaPlanFor(options);
  const tools = await buildTools();
  const relays = [rtpengineSubject, nativeSubject, portableSubject];
  const others = [...(options.quick ? [] : [nativeEpollSubject]), floorSubject(tools)];
  try {
    const samples = await traffic(tools, [...relays, ...others], plan);
    const usable = await ramps(tools, relays, plan);
    return barredRows([...rowsOf(samples), ...usable]);
  } finally {
    await tools.close();
  }
});

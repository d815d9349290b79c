import { runBench } from './bench-run.ts';
import { range } from './in-turn.ts';
import { personOf } from './people.ts';
import type { Row } from './report.ts';
import { STORM_LIMITS, type StormPlan, stormPlanFor } from './storm/plan.ts';
import { startRealCore } from './storm/real-core.ts';
import { restartRow } from './storm/restart-rows.ts';
import { type ScriptedCoreOptions, startScriptedCore } from './storm/scripted-core.ts';

const peopleOf = (plan: StormPlan, domain: string) =>
  range(plan.users).map((index) => personOf(index, domain));

async function scripted(
  options: Omit<ScriptedCoreOptions, 'firstCapacityPerS'>,
  plan: StormPlan,
): Promise<Row> {
  const core = await startScriptedCore({ ...options, firstCapacityPerS: 10 * plan.capPerS });
  return restartRow(core, peopleOf(plan, core.access.homeDomain ?? ''), plan);
}

async function real(plan: StormPlan): Promise<Row> {
  const people = peopleOf(plan, 'ims.test');
  return restartRow(await startRealCore(people), people, plan);
}

await runBench('storm', STORM_LIMITS, async (options) => {
  const plan = stormPlanFor(options);
  return [
    await real(plan),
    await scripted({ subject: 'keeps up', capacityPerS: 10 * plan.capPerS }, plan),
    // Each registration takes two messages: this one is busy with 0.4 of the pace.
    await scripted({ subject: 'is slow', capacityPerS: 0.8 * plan.capPerS }, plan),
  ];
});

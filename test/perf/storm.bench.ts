import { runBench } from './bench-run.ts';
import { STORM_LIMITS, stormPlanFor } from './storm/plan.ts';
import { restartRow } from './storm/restart-rows.ts';

await runBench('storm', STORM_LIMITS, async (options) => {
  const plan = stormPlanFor(options);
  return [
    await restartRow({ subject: 'keeps up', capacityPerS: 10 * plan.capPerS }, plan),
    // Each registration takes two messages: this one is busy with 0.4 of the pace.
    await restartRow({ subject: 'is slow', capacityPerS: 0.8 * plan.capPerS }, plan),
  ];
});

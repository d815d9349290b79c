import type { DemoWorld } from '../../local/src/demo-world.ts';
import { ANSWER_LIMITS, answerRow, caseOf, ONE_WAY_MS } from './answer/answer-rows.ts';
import { startIsthmusSide } from './answer/isthmus-side.ts';
import { JANUS_USER, startJanusSide } from './answer/janus-side.ts';
import type { NearSide } from './answer/near-side.ts';
import { runBench, tell } from './bench-run.ts';
import { FarPhone } from './clients/far-phone.ts';
import { type Core, startSimulatedCore } from './cores.ts';
import type { Row } from './report.ts';
import { benchWorld } from './world.ts';

const G722 = 9;
const PHONES = 2;

interface Place {
  readonly world: DemoWorld;
  readonly core: Core;
}
type Start = (oneWayMs: number, at: Place) => Promise<NearSide>;

const SIDES: readonly (readonly [string, Start])[] = [
  [
    'Isthmus, SDK in Chromium',
    (oneWayMs, { world, core }) => startIsthmusSide(world, core, oneWayMs),
  ],
  ['Janus, its page in Chromium', (oneWayMs, { core }) => startJanusSide(core, oneWayMs)],
];
const NARROW = '200 OK with PCMA to first audio';

await runBench('answer', ANSWER_LIMITS, async ({ quick }) => {
  const calls = quick ? 3 : 12;
  const plans = [0, ONE_WAY_MS].flatMap((oneWayMs) =>
    SIDES.map(([subject, start]) => ({ subject, oneWayMs, calls, start })),
  );
  const world = benchWorld(1, PHONES * plans.length);
  const withJanus = { ...world, subscribers: [...world.subscribers, JANUS_USER] };
  const core = await startSimulatedCore(withJanus);
  const rows: Row[] = [];
  for (const [at, plan] of plans.entries()) {
    tell(`${plan.subject}, ${String(plan.oneWayMs)} ms each way`);
    // Phones of its own: a call that went wrong is not the next one's trouble.
    const { port } = core.pcscf;
    // What both can and the node's offer begins with; and what the browser must be re-offered.
    const far = await FarPhone.open(port, PHONES * at, G722);
    const narrow = await FarPhone.open(port, PHONES * at + 1);
    rows.push(...(await rowOf({ world, core, ...plan }, { far, narrow })));
    far.close();
    narrow.close();
  }
  await core.close();
  return rows;
});

async function rowOf(
  given: {
    readonly subject: string;
    readonly oneWayMs: number;
    readonly calls: number;
    readonly start: Start;
    readonly world: DemoWorld;
    readonly core: Core;
  },
  phones: { readonly far: FarPhone; readonly narrow: FarPhone },
): Promise<readonly Row[]> {
  const { subject, oneWayMs, calls, world, core } = given;
  let near: NearSide | undefined;
  try {
    near = await given.start(oneWayMs, { world, core });
    const plan = { calls, oneWayMs };
    const ofNarrow = await answerRow(near, phones.narrow, plan);
    // Janus starts ICE after the answer and so knows its codec; G722 alone it does not take.
    if (subject.startsWith('Janus')) return [ofNarrow];
    const row = await answerRow(near, phones.far, plan);
    return oneWayMs > 0 ? [row] : [row, { ...ofNarrow, case: NARROW }];
  } catch (error) {
    const words = error instanceof Error ? error.message.slice(0, 200) : 'failed';
    return [{ case: caseOf(subject, oneWayMs), subject, error: words }];
  } finally {
    await near?.close();
  }
}

import { ANSWER_LIMITS, answerRow, caseOf, ONE_WAY_MS } from './answer/answer-rows.ts';
import { startIsthmusSide } from './answer/isthmus-side.ts';
import { JANUS_USER, startJanusSide } from './answer/janus-side.ts';
import type { NearSide } from './answer/near-side.ts';
import { runBench, tell } from './bench-run.ts';
import { FarPhone } from './clients/far-phone.ts';
import { startSimulatedCore } from './cores.ts';
import type { Row } from './report.ts';
import { benchWorld } from './world.ts';

const G722 = 9;
const NARROW = '200 OK with PCMA to first audio';

await runBench('answer', ANSWER_LIMITS, async ({ quick }) => {
  const calls = quick ? 3 : 12;
  const world = benchWorld(1, 2);
  const withJanus = { ...world, subscribers: [...world.subscribers, JANUS_USER] };
  const core = await startSimulatedCore(withJanus);
  // What both can and the node's offer begins with; and what the browser must be re-offered.
  const far = await FarPhone.open(core.pcscf.port, 0, G722);
  const narrow = await FarPhone.open(core.pcscf.port, 1);
  const sides: readonly (readonly [string, (oneWayMs: number) => Promise<NearSide>])[] = [
    ['Isthmus, SDK in Chromium', (oneWayMs) => startIsthmusSide(world, core, oneWayMs)],
    ['Janus, its page in Chromium', (oneWayMs) => startJanusSide(core, oneWayMs)],
  ];
  const rows: Row[] = [];
  for (const oneWayMs of [0, ONE_WAY_MS]) {
    for (const [subject, start] of sides) {
      tell(`${subject}, ${String(oneWayMs)} ms each way`);
      rows.push(...(await rowOf({ subject, oneWayMs, calls, start }, { far, narrow })));
    }
  }
  far.close();
  narrow.close();
  await core.close();
  return rows;
});

async function rowOf(
  given: {
    readonly subject: string;
    readonly oneWayMs: number;
    readonly calls: number;
    readonly start: (oneWayMs: number) => Promise<NearSide>;
  },
  phones: { readonly far: FarPhone; readonly narrow: FarPhone },
): Promise<readonly Row[]> {
  const { subject, oneWayMs, calls } = given;
  let near: NearSide | undefined;
  try {
    near = await given.start(oneWayMs);
    const plan = { calls, oneWayMs };
    const ofNarrow = await answerRow(near, phones.narrow, plan);
    // Janus starts ICE after the answer and so knows its codec; G722 alone it does not take.
    if (subject.startsWith('Janus')) return [ofNarrow];
    const row = await answerRow(near, phones.far, plan);
    return oneWayMs > 0 ? [row] : [row, { ...ofNarrow, case: NARROW }];
  } catch (error) {
    const words = error instanceof Error ? error.message.slice(0, 200) : 'failed';
    phones.far.fallSilent();
    phones.narrow.fallSilent();
    return [{ case: caseOf(subject, oneWayMs), subject, error: words }];
  } finally {
    await near?.close();
  }
}

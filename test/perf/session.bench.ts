import { runBench, tell } from './bench-run.ts';
import { range } from './in-turn.ts';
import { startRegistrar } from './peers/registrar.ts';
import { JANUS } from './registration/janus-peer.ts';
import { mediansOf } from './registration/rounds.ts';
import type { Row } from './report.ts';
import { startAnsweringPhone } from './session/answering-phone.ts';
import { besideJanus } from './session/beside-janus.ts';
import type { CallingPeer } from './session/calling-peer.ts';
import { startIsthmusCalls } from './session/isthmus-calls.ts';
import { startJanusCalls } from './session/janus-calls.ts';
import { SESSION_LIMITS } from './session/limits.ts';
import { type SessionPlan, sessionPlanFor } from './session/plan.ts';
import { CALL, sessionRows } from './session/session-rows.ts';

/** Each peer in turn, at one registrar, to one phone. */
async function oneRound(plan: SessionPlan): Promise<readonly Row[]> {
  const registrar = await startRegistrar();
  const phone = await startAnsweringPhone();
  const at = { registrar, users: plan.users, target: phone.uri };
  const rowsOf = async (start: () => Promise<CallingPeer>): Promise<readonly Row[]> => {
    const peer = await start();
    tell(`calls of ${peer.subject}`);
    try {
      return await sessionRows(peer, plan);
    } finally {
      await peer.close();
    }
  };
  try {
    const janus = await rowsOf(() => startJanusCalls(at)).catch((error: unknown) => [
      { case: CALL, subject: JANUS, error: error instanceof Error ? error.message : 'failed' },
    ]);
    const kinds = [
      { transport: 'tcp', media: 'still' },
      { transport: 'udp', media: 'still' },
      { transport: 'tcp', media: 'portable' },
    ] as const;
    const ours: Row[] = [];
    for (const kind of kinds)
      ours.push(...(await rowsOf(() => startIsthmusCalls({ ...at, ...kind }))));
    return [...janus, ...ours];
  } finally {
    await phone.stop();
    await registrar.stop();
  }
}

await runBench('session', SESSION_LIMITS, async (options) => {
  const plan = sessionPlanFor(options);
  const rounds: (readonly Row[])[] = [];
  for (const _ of range(plan.rounds)) rounds.push(await oneRound(plan));
  const rows = mediansOf(rounds);
  for (const { error } of rows) if (error !== undefined) tell(`Janus: ${String(error)}`);
  return [...rows, ...besideJanus(rows)];
});

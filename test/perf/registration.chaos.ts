import { runBench, tell } from './bench-run.ts';
import { deadNodeRow, drainedNodeRow } from './chaos/cases.ts';
import { startFleet } from './chaos/fleet.ts';
import type { ImsKind } from './chaos/ims.ts';
import { CHAOS_LIMITS } from './chaos/limits.ts';
import type { Row } from './report.ts';

const USERS = { full: 300, quick: 30 };
const NODES = 3;

async function measure(kind: ImsKind, users: number): Promise<readonly Row[]> {
  tell(`registering ${String(users)} users on ${String(NODES)} nodes; IMS is: ${kind}`);
  const fleet = await startFleet({ kind, users, nodes: NODES });
  try {
    tell('killing one');
    const dead = await deadNodeRow(fleet);
    tell(`all back after ${String(dead['allRegisteredAgainS'])} s; draining one`);
    await fleet.startNode();
    return [dead, await drainedNodeRow(fleet)];
  } finally {
    await fleet.close();
  }
}

await runBench('registration-chaos', CHAOS_LIMITS, async ({ quick }) => {
  const users = quick ? USERS.quick : USERS.full;
  return [...(await measure('kamailio', users)), ...(await measure('simulator', users))];
});

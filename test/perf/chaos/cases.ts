import { setTimeout as sleep } from 'node:timers/promises';
import { nowMs } from '../bench-clock.ts';
import type { Row } from '../report.ts';
import type { Fleet, Member } from './fleet.ts';
import { NODE_DRAINS, NODE_KILLED } from './limits.ts';
import { NotReached, rings } from './ringing.ts';

const PATIENCE_MS = 90_000;
const LOOK_EVERY_MS = 100;

const seconds = (ms: number): number => Math.round(ms / 100) / 10;

/** SIGKILL: nobody says good-bye, and the flows of the dead are gone from IMS at once. */
export async function deadNodeRow(fleet: Fleet): Promise<Row> {
  const [victim] = fleet.nodes();
  if (!victim) throw new Error('no node to kill');
  const orphans = await membersOf(victim.id, fleet);
  const before = await flowsOf(orphans, fleet);
  const fromMs = nowMs();
  victim.signal('SIGKILL');
  await victim.gone;
  const tookMs = await allBack(fleet, before, fromMs);
  return {
    ...{ case: NODE_KILLED, subject: fleet.ims.subject, registrations: fleet.members.length },
    registrationsOfTheDead: orphans.length,
    allRegisteredAgainS: seconds(tookMs),
    identitiesNotReached: await notReached(fleet),
  };
}

/** SIGTERM, while each user of the leaving node is called again and again. */
export async function drainedNodeRow(fleet: Fleet): Promise<Row> {
  const before = await flowsOf(fleet.members, fleet);
  const [leaving] = fleet.nodes();
  if (!leaving) throw new Error('no node to drain');
  const fromMs = nowMs();
  leaving.signal('SIGTERM');
  let calls = 0;
  let missed = 0;
  for (let index = 0; leaving.isRunning && nowMs() - fromMs < PATIENCE_MS; index += 1) {
    const member = fleet.members[index % fleet.members.length];
    if (!member) break;
    calls += 1;
    if (!(await reached(fleet, member))) missed += 1;
  }
  const tookMs = nowMs() - fromMs;
  const still = await notBack(fleet, before);
  return {
    ...{ case: NODE_DRAINS, subject: fleet.ims.subject },
    registrationsHandedOver: fleet.members.length - still.size,
    goneAfterS: seconds(tookMs),
    callsOnTheWay: calls,
    callsNotReached: missed,
    identitiesNotReached: await notReached(fleet),
  };
}

/** Ways by which IMS reached identities at one time. */
type Flows = ReadonlyMap<string, readonly string[]>;

async function membersOf(node: string, fleet: Fleet): Promise<readonly Member[]> {
  const owners = await fleet.owners();
  return fleet.members.filter(({ impu }) => owners.get(impu) === node);
}

async function flowsOf(members: readonly Member[], { ims }: Fleet): Promise<Flows> {
  const flows = new Map<string, readonly string[]>();
  for (const { impu } of members) flows.set(impu, await ims.flowsOf(impu));
  return flows;
}

/** What IMS reaches by no other way than before. */
async function notBack({ ims }: Fleet, before: Flows): Promise<Flows> {
  const left = new Map<string, readonly string[]>();
  for (const [impu, old] of before) {
    const now = await ims.flowsOf(impu);
    if (now.every((flow) => old.includes(flow))) left.set(impu, old);
  }
  return left;
}

async function allBack(fleet: Fleet, before: Flows, fromMs: number): Promise<number> {
  let left = before;
  while (left.size > 0 && nowMs() - fromMs < PATIENCE_MS) {
    await sleep(LOOK_EVERY_MS);
    left = await notBack(fleet, left);
  }
  return nowMs() - fromMs;
}

async function notReached(fleet: Fleet): Promise<number> {
  let missed = 0;
  for (const member of fleet.members) if (!(await reached(fleet, member))) missed += 1;
  return missed;
}

async function reached(fleet: Fleet, member: Member): Promise<boolean> {
  try {
    await rings(fleet, member);
    return true;
  } catch (error) {
    if (!(error instanceof NotReached)) throw error;
    process.stderr.write(`${member.impu} was not reached: ${error.message}\n`);
    return false;
  }
}

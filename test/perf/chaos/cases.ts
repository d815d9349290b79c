import { setTimeout as sleep } from 'node:timers/promises';
import { nowMs } from '../bench-clock.ts';
import type { Row } from '../report.ts';
import type { Fleet, Member } from './fleet.ts';
import { NotReached, rings } from './ringing.ts';

const SUBJECT = 'local simulator';
const PATIENCE_MS = 90_000;
const LOOK_EVERY_MS = 20;
const SECOND_MS = 1_000;

const seconds = (ms: number): number => Math.round(ms / 100) / 10;

/** SIGKILL: nobody says good-bye, and the flows of the dead are gone from IMS at once. */
export async function deadNodeRows(fleet: Fleet): Promise<readonly Row[]> {
  const before = fleet.flows();
  const [victim] = fleet.nodes();
  if (!victim) throw new Error('no node to kill');
  const fromMs = nowMs();
  victim.signal('SIGKILL');
  await victim.gone;
  const orphans = await orphansOf(fleet, before);
  const tookMs = await allBack(fleet, fromMs);
  const missed = await notReached(fleet);
  return [
    {
      case: 'a node is killed',
      subject: SUBJECT,
      registrations: fleet.members.length,
      registrationsOfTheDead: orphans,
      allRegisteredAgainS: seconds(tookMs),
      identitiesNotReached: missed,
    },
  ];
}

/** SIGTERM, while each user of the leaving node is called again and again. */
export async function drainedNodeRows(fleet: Fleet): Promise<readonly Row[]> {
  const before = fleet.flows();
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
  const after = fleet.flows();
  const moved = fleet.members.filter(({ impu }) => before.get(impu) !== after.get(impu)).length;
  return [
    {
      case: 'a node drains',
      subject: SUBJECT,
      registrationsHandedOver: moved,
      goneAfterS: seconds(tookMs),
      callsOnTheWay: calls,
      callsNotReached: missed,
      identitiesNotReached: await notReached(fleet),
    },
  ];
}

/** How many identities the network lost with the node; it notices within a moment. */
async function orphansOf(fleet: Fleet, before: ReadonlyMap<string, string>): Promise<number> {
  await sleep(SECOND_MS);
  const now = fleet.flows();
  return fleet.members.filter(({ impu }) => before.has(impu) && !now.has(impu)).length;
}

async function allBack(fleet: Fleet, fromMs: number): Promise<number> {
  while (nowMs() - fromMs < PATIENCE_MS) {
    const flows = fleet.flows();
    if (fleet.members.every(({ impu }) => flows.has(impu))) break;
    await sleep(LOOK_EVERY_MS);
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

import { setTimeout as sleep } from 'node:timers/promises';
import { PhoneError } from '../../client/src/core/phone-error.ts';
import { NodePhone } from '../support/node-phone/node-phone.ts';
import { G722, KEYS, PCMA, PCMU } from '../support/node-phone/werift-peers.ts';
import { runBenchWith, tell } from './bench-run.ts';
import { startSimulatedCore } from './cores.ts';
import { inTurn, range } from './in-turn.ts';
import { CENSUS } from './processes/usage.ts';
import { type Product, startProduct } from './product.ts';
import type { Row } from './report.ts';
import { runLoad } from './session/call-load.ts';
import {
  type Census,
  leastOf,
  leftRow,
  leftRows,
  MEMORY,
  MEMORY_WITH_TABLE,
  memoryRow,
} from './soak/census.ts';
import { Chance } from './soak/chance.ts';
import { CALLS, RECORDS, SOAK_LIMITS } from './soak/limits.ts';
import { type SoakPlan, soakOptionsFrom } from './soak/plan.ts';
import { type Pair, play } from './soak/play.ts';
import { checkRecords, type Played, readTable, type TableContent } from './soak/records.ts';
import { causeOf, drawScript, wordsOf } from './soak/script.ts';
import { requireSipp } from './soak/sipp/needs.ts';
import { SippPhone } from './soak/sipp/sipp-phone.ts';
import { benchWorld, farAccount, TENANT, userOf } from './world.ts';

/** How often somebody says something: media is not what is tried here. */
const FRAME_MS = 100;
const HOST = '127.0.0.1';
const VOICES = [PCMA, PCMU, G722, KEYS];
const AT_A_TIME = 5;
const SHOWN = 20;
const LOG_INS = 5;
/** For pairs that are replaced. */
const SPARE_PHONES = 200;
const AGAIN_MS = 2_000;
const LOOKS = 6;
const LOOK_EVERY_MS = 1_500;

interface Count {
  readonly mediaNode: Census;
  readonly signalling: Census;
  readonly table: TableContent;
}

/** The phone of IMS by a number of its own. */
async function openPair(
  { port, sipPort, stage }: Product,
  { user, far: number }: { readonly user: number; readonly far: number },
): Promise<Pair> {
  const near = new NodePhone({ port, stage, tenant: TENANT, voices: VOICES, frameMs: FRAME_MS });
  const { userName, password } = userOf(user);
  await persistently(() => near.phone.logIn({ option: 'same-credentials', userName, password }));
  const account = farAccount(number);
  const pcscf = { host: HOST, port: sipPort };
  const far = await SippPhone.register({ pcscf, account, number });
  return { near, far };
}

async function closePair({ near, far }: Pair): Promise<void> {
  near.close();
  await far.close();
}

/** Pairs, and those that take their places: who was in a call that failed may still wait for its rest. */
function pairsOf(product: Product, pairs: number) {
  const opened: Pair[] = [];
  let nextFar = pairs;
  return {
    opened,
    open: () =>
      inTurn(range(pairs), AT_A_TIME, async (user) => {
        opened[user] = await openPair(product, { user, far: user });
      }),
    async replace(user: number, before: Pair) {
      await closePair(before);
      // The network still remembers the phone before; there is one more for each replacement.
      opened[user] = await openPair(product, { user, far: nextFar++ });
    },
  };
}

/** As a person does who is asked to try again: the machine may be busy. */
async function persistently(logIn: () => Promise<void>): Promise<void> {
  for (let left = LOG_INS; ; left -= 1) {
    try {
      await logIn();
      return;
    } catch (error) {
      if (!(error instanceof PhoneError && error.retryable) || left === 1) throw error;
      await sleep(AGAIN_MS);
    }
  }
}

async function count({ mediaNode, signalling, ...product }: Product): Promise<Count> {
  const looks: { readonly node: Census; readonly rest: Census }[] = [];
  for (let look = 0; look < LOOKS; look += 1) {
    if (look > 0) await sleep(LOOK_EVERY_MS);
    looks.push({
      node: (await mediaNode.order(CENSUS)) as Census,
      rest: (await signalling.order(CENSUS)) as Census,
    });
  }
  return {
    mediaNode: leastOf(looks.map(({ node }) => node)),
    signalling: leastOf(looks.map(({ rest }) => rest)),
    table: await readTable(product),
  };
}

interface Soaked {
  readonly played: readonly Played[];
  readonly failures: number;
}

/** Makes calls when they are due, each by a pair that is in none. */
async function soak(
  pairs: ReturnType<typeof pairsOf>,
  plan: SoakPlan,
  calls: number,
): Promise<Soaked> {
  const chance = new Chance(plan.seed);
  const played: Played[] = [];
  let failures = 0;
  const one = async (index: number) => {
    const pair = pairs.opened[index];
    if (!pair) throw new Error(`no pair ${String(index)}`);
    const script = drawScript(chance, plan);
    const words = `${wordsOf(script)}, pair ${String(index)}`;
    try {
      played.push({ callId: await play(pair, script), cause: causeOf(script), words });
    } catch (error) {
      failures += 1;
      if (failures <= SHOWN) tell(`${words}: ${error instanceof Error ? error.message : 'failed'}`);
      await pairs.replace(index, pair);
    }
    return { released: Promise.resolve() };
  };
  await runLoad({ calls, perS: plan.perMinute / 60 }, { users: pairs.opened.length }, one);
  return { played, failures };
}

function rowsOf({ played, failures }: Soaked, before: Count, after: Count): readonly Row[] {
  const records = checkRecords(played, after.table);
  for (const it of records.wrong.slice(0, SHOWN)) tell(it);
  const calls = played.length;
  const memory = (name: 'mediaNode' | 'signalling', of: Pick<Row, 'case' | 'subject'>): Row =>
    memoryRow(of, { before: before[name], after: after[name], calls });
  return [
    { case: CALLS, subject: 'SDK and sipp', calls, failed: failures },
    {
      ...{ case: RECORDS, subject: 'table', missing: records.missing },
      ...{ repeated: records.repeated, wrong: records.wrong.length },
    },
    ...leftRows('media node', { before: before.mediaNode, after: after.mediaNode }),
    ...leftRows('signalling', { before: before.signalling, after: after.signalling }),
    leftRow('table: items that last', before.table.lasting, after.table.lasting),
    leftRow('table: attempts not ended', 0, after.table.openAttempts),
    memory('mediaNode', { case: MEMORY, subject: 'media node' }),
    memory('signalling', { case: MEMORY_WITH_TABLE, subject: 'signalling' }),
  ];
}

await runBenchWith(soakOptionsFrom, {
  bench: 'soak',
  limits: SOAK_LIMITS,
  async measure({ plan }) {
    await requireSipp();
    // Each sipp is ended with this process.
    process.setMaxListeners(plan.pairs + SPARE_PHONES);
    const world = benchWorld(plan.pairs, plan.pairs + SPARE_PHONES);
    // The ladders of calls are kept for a while by intent, and would hide what is kept by none.
    const product = await startProduct(world, await startSimulatedCore(world), { TRACE_MB: '0' });
    try {
      tell(`registering ${String(plan.pairs)} pairs`);
      const pairs = pairsOf(product, plan.pairs);
      await pairs.open();
      tell('warming up');
      await soak(pairs, plan, plan.warmUpCalls);
      await sleep(plan.settleMs);
      const before = await count(product);
      tell(`${String(plan.calls)} calls, ${String(plan.perMinute)} a minute`);
      const soaked = await soak(pairs, { ...plan, seed: plan.seed + 1 }, plan.calls);
      tell('settling');
      await sleep(plan.settleMs);
      const after = await count(product);
      const rows = rowsOf(soaked, before, after);
      await Promise.all(pairs.opened.map(closePair));
      return rows;
    } finally {
      await product.close();
    }
  },
});

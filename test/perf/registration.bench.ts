import { runBench, tell } from './bench-run.ts';
import { range } from './in-turn.ts';
import { startRegistrar } from './peers/registrar.ts';
import { coreRows } from './registration/core-rows.ts';
import { startIsthmusPeer } from './registration/isthmus-peer.ts';
import { JANUS, startJanusPeer } from './registration/janus-peer.ts';
import { REGISTRATION_LIMITS } from './registration/limits.ts';
import { type RegistrationPlan, registrationPlanFor } from './registration/plan.ts';
import { productRows } from './registration/product-rows.ts';
import type { RegisteringPeer } from './registration/registering-peer.ts';
import { FIRST, registrationRows } from './registration/registration-rows.ts';
import { againstJanus, mediansOf } from './registration/rounds.ts';
import type { Row } from './report.ts';

/** Each peer in a process of its own, in turn, at a registrar that is new to all of them. */
async function oneRound(plan: RegistrationPlan): Promise<readonly Row[]> {
  const registrar = await startRegistrar();
  const { domain: homeDomain, ...pcscf } = registrar;
  const { idleS, janusUsers } = plan;
  const rowsOf = async (
    start: () => Promise<RegisteringPeer>,
    users = plan.users,
  ): Promise<readonly Row[]> => {
    const peer = await start();
    tell(`${String(users)} users of ${peer.subject}`);
    try {
      return await registrationRows(peer, registrar, { users, idleS });
    } finally {
      await peer.close();
    }
  };
  try {
    const janus = await rowsOf(() => startJanusPeer(registrar, janusUsers), janusUsers).catch(
      (error: unknown): readonly Row[] => [
        { case: FIRST, subject: JANUS, error: error instanceof Error ? error.message : 'failed' },
      ],
    );
    const tcp = await rowsOf(() => startIsthmusPeer({ homeDomain, pcscf, transport: 'tcp' }));
    const udp = await rowsOf(() => startIsthmusPeer({ homeDomain, pcscf, transport: 'udp' }));
    return [...janus, ...tcp, ...udp];
  } finally {
    await registrar.stop();
  }
}

async function sideBySide(plan: RegistrationPlan): Promise<readonly Row[]> {
  const rounds: (readonly Row[])[] = [];
  for (const _ of range(plan.rounds)) rounds.push(await oneRound(plan));
  const rows = mediansOf(rounds);
  const theirs = rows.filter(({ subject }) => subject === JANUS);
  for (const { error } of theirs) if (error !== undefined) tell(`Janus: ${String(error)}`);
  return [
    ...rows,
    ...againstJanus(
      rows.filter((row) => !theirs.includes(row)),
      theirs,
    ),
  ];
}

await runBench('registration', REGISTRATION_LIMITS, async (options) => {
  const plan = registrationPlanFor(options);
  if (options.quick) tell(`quick: the heap is looked at after ${String(plan.restS)} s, not 60`);
  const besideJanus = await sideBySide(plan);
  tell(`${String(plan.coreUsers)} users on the real core`);
  const onCore = await coreRows(plan);
  tell('the whole product');
  return [...besideJanus, ...onCore, ...(await productRows(plan))];
});

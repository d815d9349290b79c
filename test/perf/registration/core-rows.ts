import { setTimeout as sleep } from 'node:timers/promises';
import { type ImsLab, startImsLab } from '../../support/ims-lab/ims-lab.ts';
import { range } from '../in-turn.ts';
import { toHundredth } from '../numbers.ts';
import { cpuMsOf, residentBytesOf, tcpConnectionsTo } from '../os-usage.ts';
import { personOf } from '../people.ts';
import type { Row } from '../report.ts';
import { callRows, FAR_USER } from './call-rows.ts';
import { type IsthmusPeer, startIsthmusPeer } from './isthmus-peer.ts';
import { ON_CORE } from './limits.ts';
import { AT_A_TIME, type RegistrationPlan } from './plan.ts';

const KB = 1_000;

/** All users of a node on a real core, over one TCP flow; then some of them call and are called. */
export async function coreRows(plan: RegistrationPlan): Promise<readonly Row[]> {
  const lab = await startImsLab();
  const people = range(plan.coreUsers).map((index) => personOf(index, lab.domain));
  const far = { impu: `sip:${FAR_USER}@${lab.domain}`, impi: `${FAR_USER}@${lab.domain}` };
  for (const { impu, impi, password } of [...people, { ...far, password: `pw-${FAR_USER}` }]) {
    lab.addSubscriber({ impi, password, impus: [impu] });
  }
  const { domain: homeDomain, pcscf } = lab;
  const peer = await startIsthmusPeer({ homeDomain, pcscf, transport: 'tcp' });
  try {
    const registered = await registeredRow(peer, lab, plan);
    return [registered, ...(await callRows(peer, lab, plan))];
  } finally {
    await peer.close();
    await lab.stop();
  }
}

async function registeredRow(
  peer: IsthmusPeer,
  lab: ImsLab,
  { coreUsers: users, restS }: RegistrationPlan,
): Promise<Row> {
  const empty = await memoryOf(peer);
  const [cpuMs, startedMs] = [await cpuMsOf(peer.pid), performance.now()];
  const asThemselves = await peer.register({ users, atATime: AT_A_TIME });
  const [usedMs, tookMs] = [(await cpuMsOf(peer.pid)) - cpuMs, performance.now() - startedMs];
  await sleep(restS * 1_000);
  const full = await memoryOf(peer);
  return {
    ...{ case: ON_CORE, subject: peer.subject, users, restS },
    asThemselvesShare: asThemselves / users,
    tcpFlows: await tcpConnectionsTo(lab.pcscf),
    cpuMs: toHundredth(usedMs / users),
    perS: toHundredth((users / tookMs) * 1_000),
    heapKbPerUser: toHundredth((full.heapBytes - empty.heapBytes) / users / KB),
    residentKbPerUser: toHundredth((full.residentBytes - empty.residentBytes) / users / KB),
  };
}

const memoryOf = async (peer: IsthmusPeer) => ({
  heapBytes: await peer.heapBytes(),
  residentBytes: await residentBytesOf(peer.pid),
});

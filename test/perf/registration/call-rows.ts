import { impu } from '@isthmus/shared/domain/ids';
import type { ImsLab } from '../../support/ims-lab/ims-lab.ts';
import { createBench } from '../../support/sip-account-bench.ts';
import { range } from '../in-turn.ts';
import { personOf } from '../people.ts';
import type { Row } from '../report.ts';
import type { IsthmusPeer } from './isthmus-peer.ts';
import { CALLS } from './limits.ts';
import type { RegistrationPlan } from './plan.ts';

export const FAR_USER = 'far';
const BUSY = 486;
const SDP =
  'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40002 RTP/AVP 8\r\n';

/** Users spread over all call, and are called; each as himself, or it does not count. */
export async function callRows(
  peer: IsthmusPeer,
  lab: ImsLab,
  { calls, coreUsers }: RegistrationPlan,
): Promise<readonly Row[]> {
  const sample = range(calls).map((index) => Math.floor((index * coreUsers) / calls));
  const far = await openFarUser(lab);
  const asserted: string[] = [];
  for (const user of sample) asserted.push(await far.callerWhen(() => peer.call(user, far.impu)));
  for (const user of sample) await far.call(personOf(user, lab.domain).impu);
  const called = await peer.called();
  await far.close();
  const own = (user: number): string => personOf(user, lab.domain).impu;
  const outgoing = sample.filter((user, at) => asserted[at] === own(user));
  const incoming = sample.filter((user, at) => {
    const taken = called[at];
    return taken?.user === user && taken.calledImpu === own(user);
  });
  return [
    { case: CALLS, subject: 'outgoing, asserted by the core', ...shareOf(outgoing, sample) },
    { case: CALLS, subject: 'incoming', ...shareOf(incoming, sample) },
  ];
}

const shareOf = (right: readonly number[], all: readonly number[]) => ({
  calls: all.length,
  asThemselvesShare: right.length / all.length,
});

/** A user of the same core on a flow of his own, who turns every call down. */
async function openFarUser(lab: ImsLab) {
  const bench = createBench();
  const own = { impu: `sip:${FAR_USER}@${lab.domain}`, impi: `${FAR_USER}@${lab.domain}` };
  const access = { pcscf: [lab.pcscf], transport: 'udp' as const, homeDomain: lab.domain };
  const { account, heard } = bench.open({ ...own, access, password: `pw-${FAR_USER}` });
  account.register();
  await heard.heard('registered');
  return {
    impu: own.impu,
    /** Whom the core says is calling. */
    async callerWhen(isCalled: () => Promise<unknown>): Promise<string> {
      const incoming = heard.next('incoming');
      const done = isCalled();
      const { invite } = await incoming;
      invite.listen(() => undefined).reject(BUSY);
      await done;
      return invite.from.uri;
    },
    call: (target: string) =>
      new Promise<void>((resolve) => {
        account.invite({ identity: impu(own.impu), target, sdp: SDP }, ({ kind }) => {
          if (kind !== 'sip-progressed') resolve();
        });
      }),
    async close() {
      await account.deregister();
      await bench.accounts.close();
    },
  };
}

import type { Notice } from '../../../media-node/src/core/call/call-types.ts';
import type { SipAccount } from '../../../media-node/src/ports/sip-accounts.ts';
import { answerTo } from '../../support/an-sdp.ts';
import { type CallOnAccount, callOn } from '../../support/call-on-account.ts';
import { startBaresip } from '../../support/ims-lab/baresip.ts';
import { type ImsLab, startImsLab } from '../../support/ims-lab/ims-lab.ts';
import { openUeFlow } from '../../support/ims-lab/open-ue-flow.ts';
import { runSipp, type SippScenario, startSipp } from '../../support/ims-lab/sipp.ts';
import type { SippProcess } from '../../support/ims-lab/sipp-process.ts';
import { subscriber } from '../../support/ims-lab/subscriber-book.ts';
import type { UeFlow } from '../../support/ims-lab/ue-flow.ts';
import { type Bench, createBench } from '../../support/sip-account-bench.ts';
import { until } from '../../support/until.ts';

const ALICE = 'sip:alice@ims.test';
const BOB = 'sip:bob@ims.test';
const HOLDS = [
  { how: 'sendonly', hold: { direction: 'sendonly', answered: 'recvonly' } },
  { how: 'inactive', hold: { direction: 'inactive', answered: 'inactive' } },
  {
    how: 'the address 0.0.0.0',
    hold: { address: '0.0.0.0', direction: 'sendrecv', answered: 'recvonly' },
  },
] as const;

function whoHolds({ byUs, byThem }: { readonly byUs: boolean; readonly byThem: boolean }) {
  if (byUs) return byThem ? 'both' : 'us';
  return byThem ? 'them' : 'nobody';
}

const holdsIn = (notices: readonly Notice[]) =>
  notices.flatMap((it) => (it.event === 'call.held' ? whoHolds(it) : []));

const VIDEO = ['PCMA', 'H264', 'VP8'];
const DARK = { ours: false, theirs: false };
const FILMED = { ours: true, theirs: true };
const picturesIn = (notices: readonly Notice[]) =>
  notices.flatMap((it) => (it.event === 'call.video' ? { ours: it.ours, theirs: it.theirs } : []));

describe.each([
  ['tcp', 'udp'],
  ['udp', 'tcp'],
] as const)(
  'SES-5: hold, resume and video over %s with a phone over %s, on a real core, RFC 3264 §8.4, 3GPP TS 24.610',
  (transport, theirs) => {
    let lab: ImsLab;
    let bench: Bench;
    let account: SipAccount;
    let heard: ReturnType<Bench['open']>['heard'];
    let flow: UeFlow;
    let far: SippProcess | undefined;

    const phone = (scenario: SippScenario) => ({ lab, scenario, user: 'bob', flow });

    beforeAll(async () => {
      lab = await startImsLab({
        subscribers: ['alice', 'bob', 'carol'].map((it) => subscriber(it)),
      });
      flow = await openUeFlow(lab, theirs);
      await runSipp({ ...phone('register'), password: 'pw-bob' });
    });
    afterAll(async () => {
      await lab.stop();
      flow.close();
    });

    beforeEach(async () => {
      far = undefined;
      bench = createBench();
      ({ account, heard } = bench.open({
        access: { transport, pcscf: [lab.pcscf] },
        password: 'pw-alice',
      }));
      account.register();
      await heard.heard('registered');
    });
    afterEach(async () => {
      await far?.stop();
      await account.deregister();
      await lab.untilContacts(ALICE, 0);
      await bench.accounts.close();
      // Whoever gave up says why, whatever the test heard of it.
      await far?.done;
    });

    /** They hold and resume, offer nothing, we hold, they hold too; we resume first, then they. */
    async function holdBothWays(call: CallOnAccount, far: SippProcess) {
      await call.told('call.held', 2);
      await far.seen('ACK ', 4);
      call.ask('call.hold');
      await call.told('call.held', 4);
      await far.seen('ACK ', 6);
      call.ask('call.resume');
      const told = await call.told('call.held', 6);
      await far.seen('ACK ', 8);
      const { gate } = call.media;
      call.ask('call.hang-up');
      expect(await far.done).toMatchObject({ exitCode: 0 });
      expect(holdsIn(told)).toEqual(['them', 'nobody', 'us', 'both', 'them', 'nobody']);
      expect(gate).toEqual({ toIms: true, toBrowser: true });
    }

    it.each(HOLDS)('by $how, of whom we called', async ({ hold }) => {
      far = await startSipp({ ...phone('answer-hold'), hold });
      const call = callOn(account, ALICE);
      await call.start(BOB);
      await call.told('call.answered');

      await holdBothWays(call, far);
    });

    it('with a baresip over the same, which holds, is held, and resumes in either order', async () => {
      const carol = await startBaresip(lab, {
        ...{ user: 'carol', password: 'pw-carol', codecs: ['PCMA'], transport: theirs },
      });
      try {
        const call = callOn(account, ALICE);
        await call.start('sip:carol@ims.test');
        await call.told('call.answered');
        const steps = [
          () => {
            carol.hold();
          },
          () => {
            call.ask('call.hold');
          },
          () => {
            carol.resume();
          },
          () => {
            call.ask('call.resume');
          },
          () => {
            call.ask('call.hold');
          },
          () => {
            carol.hold();
          },
          () => {
            call.ask('call.resume');
          },
          () => {
            carol.resume();
          },
        ];
        const agreed = (acks: number) =>
          until(() => carol.headersSeen('ACK', 'CSeq').length >= acks);
        // That of the call may be on its way yet, and baresip changes nothing before an ACK has come.
        await agreed(1);
        for (const [index, step] of steps.entries()) {
          step();
          await call.told('call.held', index + 1);
          await agreed(index + 2);
        }

        expect(holdsIn(call.notices)).toEqual([
          ...['them', 'both', 'us', 'nobody'],
          ...['us', 'both', 'them', 'nobody'],
        ]);
        call.ask('call.hang-up');
        await carol.waitFor('CALL_CLOSED');
      } finally {
        await carol.stop();
      }
    });

    it.each(HOLDS)('by $how, of who called us', async ({ hold }) => {
      far = await startSipp({ ...phone('call-hold'), target: ALICE, hold });
      const call = callOn(account, ALICE);
      const { invite } = await heard.heard('incoming');
      call.alert(invite);
      await call.told('call.incoming');
      call.accept();

      await holdBothWays(call, far);
    });

    it('with video that we add and end, and whom we called too (RFC 3264 §8)', async () => {
      far = await startSipp(phone('answer-films'));
      const call = callOn(account, ALICE, VIDEO);
      await call.start(BOB);
      await call.told('call.answered');

      call.film('sendrecv');
      await call.told('call.video', 3);
      await far.seen('ACK ', 4);
      call.film('none');
      const told = await call.told('call.video', 4);
      await far.seen('ACK ', 5);
      call.ask('call.hang-up');

      expect(await far.done).toMatchObject({ exitCode: 0 });
      // Our user shows himself when he wants to.
      expect(picturesIn(told)).toEqual([FILMED, DARK, { ours: false, theirs: true }, DARK]);
      expect(call.media.gate).toEqual({ toIms: true, toBrowser: true });
    });

    it('with video from the start of who called us, which we end and add again', async () => {
      far = await startSipp({ ...phone('call-films'), target: ALICE });
      const call = callOn(account, ALICE, VIDEO);
      const { invite } = await heard.heard('incoming');
      call.alert(invite);
      const [offered] = await call.told('call.incoming');
      call.accept(answerTo(offered?.event === 'call.incoming' ? offered.sdp : ''));
      await call.told('call.video');
      await far.seen('ACK ', 1);

      call.film('none');
      await call.told('call.video', 2);
      await far.seen('ACK ', 2);
      call.film('sendrecv');
      const told = await call.told('call.video', 4);
      await far.seen('ACK ', 4);
      call.ask('call.hang-up');

      expect(await far.done).toMatchObject({ exitCode: 0 });
      expect(picturesIn(told)).toEqual([FILMED, DARK, FILMED, DARK]);
    });
  },
);

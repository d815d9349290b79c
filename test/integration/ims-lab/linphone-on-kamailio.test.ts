import type { Notice } from '../../../media-node/src/core/call/call-types.ts';
import type { SipAccount } from '../../../media-node/src/ports/sip-accounts.ts';
import { type CallOnAccount, callOn } from '../../support/call-on-account.ts';
import { type ImsLab, startImsLab } from '../../support/ims-lab/ims-lab.ts';
import { type Linphone, startLinphone } from '../../support/ims-lab/linphone.ts';
import { subscriber } from '../../support/ims-lab/subscriber-book.ts';
import { type Bench, createBench } from '../../support/sip-account-bench.ts';

const ALICE = 'sip:alice@ims.test';
const BOB = 'sip:bob@ims.test';
const TALKING = /Media streams established/;

const holdsIn = (notices: readonly Notice[]) =>
  notices.flatMap((it) => (it.event === 'call.held' ? { us: it.byUs, them: it.byThem } : []));

/** liblinphone shares no code with the node, the core or the other phones. */
describe.each(['tcp', 'udp'] as const)(
  'SES-1, SES-2, SES-5: a linphone over %s, on a real core',
  (transport) => {
    let lab: ImsLab;
    let bench: Bench;
    let account: SipAccount;
    let heard: ReturnType<Bench['open']>['heard'];
    let bob: Linphone;

    beforeAll(async () => {
      lab = await startImsLab({
        subscribers: ['alice', 'bob'].map((it) => subscriber(it)),
      });
      bob = await startLinphone(lab, { user: 'bob', password: 'pw-bob', transport });
      bench = createBench();
      ({ account, heard } = bench.open({
        access: { transport, pcscf: [lab.pcscf] },
        password: 'pw-alice',
      }));
      account.register();
      await heard.heard('registered');
    });
    afterAll(async () => {
      await account.deregister();
      await bench.accounts.close();
      await bob.stop();
      await lab.stop();
    });

    /** Each side holds and resumes, and both say so. */
    async function holdBothWays(call: CallOnAccount) {
      bob.hold();
      await bob.says(/is now paused/);
      await call.told('call.held', 1);
      bob.resume();
      await bob.says(TALKING);
      await call.told('call.held', 2);
      call.ask('call.hold');
      await bob.says(/has been paused by sip:alice@ims\.test/);
      await call.told('call.held', 3);
      call.ask('call.resume');
      await bob.says(TALKING);
      await call.told('call.held', 4);

      expect(holdsIn(call.notices)).toEqual([
        { us: false, them: true },
        { us: false, them: false },
        { us: true, them: false },
        { us: false, them: false },
      ]);
      expect(call.media.gate).toEqual({ toIms: true, toBrowser: true });
    }

    it('is called, answers, holds, is held and hangs up', async () => {
      const call = callOn(account, ALICE);
      await call.start(BOB);
      await bob.says(/Receiving new incoming call from sip:alice@ims\.test/);
      bob.accept();
      await bob.says(TALKING);
      await call.told('call.answered');
      await holdBothWays(call);

      bob.hangUp();

      expect((await call.told('call.ended'))[0]).toMatchObject({ cause: 'remote-hung-up' });
    });

    it('calls, rings, holds, is held and is hung up on', async () => {
      const call = callOn(account, ALICE);
      const incoming = heard.next('incoming');
      bob.dial(ALICE);
      call.alert((await incoming).invite);
      const [told] = await call.told('call.incoming');
      call.accept();
      await bob.says(TALKING);
      await call.told('call.answered');
      await holdBothWays(call);

      call.ask('call.hang-up');

      await bob.says(/ended/);
      expect(told).toMatchObject({ from: { uri: BOB } });
    });
  },
);

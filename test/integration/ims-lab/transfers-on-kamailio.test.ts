import type { SipAccount } from '../../../media-node/src/ports/sip-accounts.ts';
import { type CallOnAccount, callOn } from '../../support/call-on-account.ts';
import { type Baresip, startBaresip } from '../../support/ims-lab/baresip.ts';
import { type ImsLab, startImsLab } from '../../support/ims-lab/ims-lab.ts';
import { subscriber } from '../../support/ims-lab/subscriber-book.ts';
import { type Bench, createBench } from '../../support/sip-account-bench.ts';

const ALICE = 'sip:alice@ims.test';
const BOB = 'sip:bob@ims.test';
const CAROL = 'sip:carol@ims.test';

describe.each(['tcp', 'udp'] as const)(
  'SES-5: calls handed on over %s, with baresip on a real core',
  (transport) => {
    let lab: ImsLab;
    let bob: Baresip;
    let carol: Baresip;
    let bench: Bench;
    let account: SipAccount;
    let call: CallOnAccount;

    beforeAll(async () => {
      lab = await startImsLab({
        subscribers: ['alice', 'bob', 'carol'].map((it) => subscriber(it)),
      });
      [bob, carol] = await Promise.all([
        startBaresip(lab, { user: 'bob', password: 'pw-bob', codecs: ['PCMA'] }),
        startBaresip(lab, { user: 'carol', password: 'pw-carol', codecs: ['PCMA'] }),
      ]);
      bench = createBench();
      const opened = bench.open({
        access: { transport, pcscf: [lab.pcscf] },
        password: 'pw-alice',
      });
      ({ account } = opened);
      account.register();
      await opened.heard.heard('registered');
    });
    beforeEach(() => {
      bob.skipEvents();
      carol.skipEvents();
      call = callOn(account, ALICE);
    });
    afterAll(async () => {
      await account.deregister();
      await bench.accounts.close();
      await Promise.all([bob.stop(), carol.stop()]);
      await lab.stop();
    });

    const talkToBob = async () => {
      await call.start(BOB);
      await bob.waitFor('CALL_ESTABLISHED');
      await call.told('call.answered');
    };

    it('by us: baresip calls whom we name, and we are told when they talk', async () => {
      await talkToBob();

      call.transfer(CAROL);

      await carol.waitFor('CALL_ESTABLISHED');
      expect((await call.told('call.ended')).at(-1)).toMatchObject({ cause: 'transferred' });
      expect(bob.headersSeen('REFER', 'Referred-By').at(-1)).toContain('alice@ims.test');
      expect(call.notices.filter(({ event }) => event === 'call.transfer').at(-1)).toMatchObject({
        state: 'done',
      });
      bob.hangUp();
      await carol.waitFor('CALL_CLOSED');
    });

    it('by baresip: we call whom it names, on the same media, and it hears of it', async () => {
      await talkToBob();

      bob.transfer(CAROL);

      await carol.waitFor('CALL_ESTABLISHED');
      expect((await call.told('call.moved')).at(-1)).toMatchObject({ to: { uri: CAROL } });
      await bob.waitFor('CALL_CLOSED');
      expect(call.notices.some(({ event }) => event === 'call.ended')).toBe(false);
      call.ask('call.hang-up');
      await carol.waitFor('CALL_CLOSED');
    });
  },
);

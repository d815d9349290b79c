import type { SipAccount } from '../../../media-node/src/ports/sip-accounts.ts';
import { type CallOnAccount, callOn } from '../../support/call-on-account.ts';
import { type Baresip, startBaresip } from '../../support/ims-lab/baresip.ts';
import { type ImsLab, startImsLab } from '../../support/ims-lab/ims-lab.ts';
import { openUeFlow } from '../../support/ims-lab/open-ue-flow.ts';
import { type SippOptions, type SippScenario, startSipp } from '../../support/ims-lab/sipp.ts';
import { subscriber } from '../../support/ims-lab/subscriber-book.ts';
import type { UeFlow } from '../../support/ims-lab/ue-flow.ts';
import { type Bench, createBench } from '../../support/sip-account-bench.ts';

const ALICE = 'sip:alice@ims.test';
const BOB = 'sip:bob@ims.test';
const CAROL = 'sip:carol@ims.test';
const DAVE = 'sip:dave@ims.test';

describe.each([
  ['tcp', 'udp'],
  ['udp', 'tcp'],
] as const)(
  'SES-5: calls handed on over %s, with baresip and sipp over %s, on a real core',
  (transport, theirs) => {
    let lab: ImsLab;
    let bob: Baresip;
    let carol: Baresip;
    let bench: Bench;
    let account: SipAccount;
    let heard: ReturnType<Bench['open']>['heard'];
    let call: CallOnAccount;
    let flow: UeFlow;

    const dave = (scenario: SippScenario, more: Partial<SippOptions> = {}) =>
      startSipp({ lab, scenario, user: 'dave', flow, ...more });

    beforeAll(async () => {
      lab = await startImsLab({
        subscribers: ['alice', 'bob', 'carol', 'dave'].map((it) => subscriber(it)),
      });
      const phone = { codecs: ['PCMA'], transport: theirs } as const;
      [bob, carol] = await Promise.all([
        startBaresip(lab, { ...phone, user: 'bob', password: 'pw-bob' }),
        startBaresip(lab, { ...phone, user: 'carol', password: 'pw-carol' }),
      ]);
      flow = await openUeFlow(lab, theirs);
      const { done } = await dave('register', { password: 'pw-dave' });
      expect(await done).toMatchObject({ exitCode: 0 });
      bench = createBench();
      ({ account, heard } = bench.open({
        access: { transport, pcscf: [lab.pcscf] },
        password: 'pw-alice',
      }));
      account.register();
      await heard.heard('registered');
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
      flow.close();
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

    it('by a sipp that refers: we call whom it names, and it hears each step', async () => {
      const referrer = await dave('answer-refers', { target: CAROL });
      await call.start(DAVE);

      await carol.waitFor('CALL_ESTABLISHED');
      expect((await call.told('call.moved')).at(-1)).toMatchObject({ to: { uri: CAROL } });
      const { exitCode, messages } = await referrer.done;
      expect(exitCode).toBe(0);
      for (const said of ['202', '100 Trying', '200 OK'])
        expect(messages).toContain(`SIP/2.0 ${said}`);
      expect(messages).toContain('Subscription-State: active');
      expect(messages).toContain('Subscription-State: terminated');
      expect(call.notices.some(({ event }) => event === 'call.ended')).toBe(false);
      call.ask('call.hang-up');
      await carol.waitFor('CALL_CLOSED');
    });

    it.each([
      [200, 'done', 'transferred'],
      [486, 'failed', 'busy'],
    ])(
      'by us: a sipp is referred, and what it tells, %i, is believed',
      async (status, state, text) => {
        const referred = await dave('answer-referred', { target: CAROL, status });
        await call.start(DAVE);
        await call.told('call.answered');

        call.transfer(CAROL);

        expect((await call.told('call.transfer', 3)).at(-1)).toMatchObject({ state, text });
        if (status !== 200) call.ask('call.hang-up');
        expect(await referred.done).toMatchObject({ exitCode: 0 });
      },
    );

    describe('a 302 of ours', () => {
      const redirection = {
        contact: `${CAROL};target=sip:alice%40ims.test;cause=486`,
        diversion: `<${ALICE}>;reason=user-busy;counter=1`,
      };

      it('is passed on by this core to who called, with all that it says', async () => {
        const incoming = heard.next('incoming');
        const caller = await dave('call-refused', { target: ALICE, status: 302 });
        const { invite } = await incoming;
        invite.listen(() => undefined).reject(302, redirection);

        const { exitCode, messages } = await caller.done;
        expect(exitCode).toBe(0);
        expect(messages).toContain(`Contact: <${redirection.contact}>`);
        expect(messages).toContain(`Diversion: ${redirection.diversion}`);
      });

      it('is followed by a baresip that called', async () => {
        const incoming = heard.next('incoming');
        bob.dial(ALICE);
        const { invite } = await incoming;
        invite.listen(() => undefined).reject(302, redirection);

        await carol.waitFor('CALL_ESTABLISHED');
        expect(carol.headersSeen('INVITE', 'From').at(-1)).toContain('bob@ims.test');
        bob.hangUp();
        await carol.waitFor('CALL_CLOSED');
      });
    });
  },
);

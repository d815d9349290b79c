import { impu } from '@isthmus/shared/domain/ids';
import type { SipAccount } from '../../../media-node/src/ports/sip-accounts.ts';
import { startBaresip } from '../../support/ims-lab/baresip.ts';
import { type ImsLab, startImsLab } from '../../support/ims-lab/ims-lab.ts';
import { openUeFlow } from '../../support/ims-lab/open-ue-flow.ts';
import { runSipp, type SippScenario, startSipp } from '../../support/ims-lab/sipp.ts';
import { subscriber } from '../../support/ims-lab/subscriber-book.ts';
import type { UeFlow } from '../../support/ims-lab/ue-flow.ts';
import { type Bench, createBench } from '../../support/sip-account-bench.ts';
import { until } from '../../support/until.ts';

const ALICE = 'sip:alice@ims.test';

describe('SES-5: messages on a real core', () => {
  let lab: ImsLab;
  beforeAll(async () => {
    lab = await startImsLab({
      subscribers: ['alice', 'bob-tcp', 'bob-udp', 'carol'].map((it) => subscriber(it)),
    });
  });
  afterAll(() => lab.stop());

  describe.each([
    ['tcp', 'udp'],
    ['udp', 'tcp'],
  ] as const)('over %s, and to a phone over %s', (transport, theirs) => {
    const user = `bob-${theirs}`;
    const bob = `sip:${user}@ims.test`;
    let flow: UeFlow;
    let bench: Bench;
    let account: SipAccount;
    let heard: ReturnType<Bench['open']>['heard'];

    const phone = (scenario: SippScenario) => ({ lab, scenario, user, flow });
    const write = (target: string, text: string) =>
      account.message({ identity: impu(ALICE), target, text, maxBytes: 1_300 });

    beforeAll(async () => {
      flow = await openUeFlow(lab, theirs);
      await runSipp({ ...phone('register'), password: `pw-${user}` });
    });
    afterAll(() => {
      flow.close();
    });

    beforeEach(async () => {
      bench = createBench();
      const access = { transport, pcscf: [lab.pcscf] };
      ({ account, heard } = bench.open({ access, password: 'pw-alice' }));
      account.register();
      await heard.heard('registered');
    });
    afterEach(async () => {
      await account.deregister();
      await lab.untilContacts(ALICE, 0);
      await bench.accounts.close();
    });

    it('arrive at a phone and come from it, with who wrote them', async () => {
      const reader = await startSipp(phone('take-message'));
      expect(await write(bob, 'Grüße')).toEqual({ kind: 'message-answered', status: 200 });
      const read = await reader.done;
      expect(read).toMatchObject({ exitCode: 0 });
      expect(read.messages).toContain('Grüße');
      expect(read.messages).toContain('P-Asserted-Identity: <sip:alice@ims.test>');

      const writer = await startSipp({ ...phone('send-message'), target: ALICE });
      const { message } = await heard.heard('message');
      message.answer(200);
      expect(await writer.done).toMatchObject({ exitCode: 0 });
      expect(message).toMatchObject({ calledImpu: ALICE, from: { uri: bob }, text: 'from sipp' });
    });

    it('to nobody end with what the core says', async () => {
      expect(await write('sip:carol@ims.test', 'x')).toMatchObject({ status: 480 });
      expect(await write('sip:zed@ims.test', 'x')).toMatchObject({ status: 604 });
    });
  });

  it('arrive at baresip', async () => {
    const carol = await startBaresip(lab, { user: 'carol', password: 'pw-carol' });
    const bench = createBench();
    const { account, heard } = bench.open({
      access: { pcscf: [lab.pcscf] },
      password: 'pw-alice',
    });
    try {
      account.register();
      await heard.heard('registered');
      const message = { identity: impu(ALICE), target: 'sip:carol@ims.test', maxBytes: 1_300 };

      const fate = await account.message({ ...message, text: 'hello, baresip' });

      expect(fate).toEqual({ kind: 'message-answered', status: 200 });
      await until(() => carol.trace().includes('hello, baresip'), 'baresip never showed it');
    } finally {
      // Else the others would find a contact of this one.
      await account.deregister();
      await bench.accounts.close();
      await carol.stop();
    }
  });
});

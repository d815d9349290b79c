import { randomUUID } from 'node:crypto';
import { type Baresip, startBaresip } from '../../support/ims-lab/baresip.ts';
import { type ImsLab, startImsLab } from '../../support/ims-lab/ims-lab.ts';
import { subscriber } from '../../support/ims-lab/subscriber-book.ts';
import { type Bench, createBench, takeInvite } from '../../support/sip-account-bench.ts';

const ALICE = 'sip:alice@ims.test';
const SDP =
  'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n';
/** The core gives a branch that says nothing up after 8 s. */
const SOONER_THAN_THE_CORE_MS = 5_000;

describe.each(['tcp', 'udp'] as const)(
  'REG-10: a registration that another node takes over on a real core (%s)',
  (transport) => {
    let lab: ImsLab;
    let phone: Baresip;
    let dead: Bench;
    let heir: Bench;

    beforeAll(async () => {
      lab = await startImsLab({ subscribers: [subscriber('alice'), subscriber('bob')] });
      phone = await startBaresip(lab, { user: 'bob', password: 'pw-bob', codecs: ['PCMA'] });
    });
    afterAll(async () => {
      await phone.stop();
      await lab.stop();
    });
    beforeEach(() => {
      phone.skipEvents();
      dead = createBench();
      heir = createBench();
    });
    afterEach(async () => {
      phone.hangUp();
      await Promise.all([dead.accounts.close(), heir.accounts.close()]);
    });

    const open = (bench: Bench, instanceId: string) =>
      bench.open({
        access: { pcscf: [lab.pcscf], transport },
        ...{ impi: 'alice@ims.test', impu: ALICE, password: 'pw-alice', instanceId },
      });
    const register = async (bench: Bench, instanceId: string) => {
      const one = open(bench, instanceId);
      one.account.register();
      await one.heard.heard('registered');
      return one;
    };

    const takenOver = async () => {
      const instanceId = `urn:uuid:${randomUUID()}`;
      const first = await register(dead, instanceId);
      first.account.close();
      await dead.accounts.close();
      return register(heir, instanceId);
    };

    it('rings there without waiting for the contact of the dead, and is answered', async () => {
      const { account, heard } = await takenOver();

      phone.dial(ALICE);
      const { leg, legHeard } = await takeInvite(heard);
      leg.answer(SDP);
      await phone.waitFor('CALL_ESTABLISHED');
      await legHeard.heard('sip-acknowledged');
      leg.bye();
      await phone.waitFor('CALL_CLOSED');
      await account.deregister();
    });

    it('is declined there: nobody waits for the dead, whose contact is withdrawn', async () => {
      const { account, heard } = await takenOver();
      await lab.untilContacts(ALICE, 1);

      phone.dial(ALICE);
      const { leg } = await takeInvite(heard);
      leg.ring();
      leg.reject(603);
      await phone.waitFor('CALL_CLOSED', SOONER_THAN_THE_CORE_MS);
      expect(heard.kinds).not.toContain('lost');
      await account.deregister();
      await lab.untilContacts(ALICE, 0);
    });

    it('leaves the contact of an owner that is still there, until it stands alone', async () => {
      const instanceId = `urn:uuid:${randomUUID()}`;
      const owner = await register(dead, instanceId);
      const heirs = open(heir, instanceId);
      heirs.account.register('beside');
      await heirs.heard.heard('registered');
      // The events of its registration have told it of the owner by then.
      await lab.untilContacts(ALICE, 2);
      phone.dial(ALICE);
      // It forks to both.
      for (const { heard } of [owner, heirs]) (await takeInvite(heard)).leg.reject(486);
      await phone.waitFor('CALL_CLOSED');

      owner.account.close();
      heirs.account.standAlone();

      await lab.untilContacts(ALICE, 1);
      await heirs.account.deregister();
    });
  },
);

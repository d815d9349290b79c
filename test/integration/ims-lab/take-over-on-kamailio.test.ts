import { randomUUID } from 'node:crypto';
import { type Baresip, startBaresip } from '../../support/ims-lab/baresip.ts';
import { type ImsLab, startImsLab } from '../../support/ims-lab/ims-lab.ts';
import { type Bench, createBench, takeInvite } from '../../support/sip-account-bench.ts';

const ALICE = 'sip:alice@ims.test';
const SDP =
  'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n';
const subscriber = (user: string) => ({
  ...{ impi: `${user}@ims.test`, password: `pw-${user}` },
  impus: [`sip:${user}@ims.test`],
});

/** The core's timer for a branch that says nothing is 8 s; over TCP a closed port says so at once. */
const CORE_GIVES_UP_MS = 20_000;

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
      await heir.accounts.close();
    });

    const register = async (bench: Bench, instanceId: string) => {
      const one = bench.open({
        access: { pcscf: [lab.pcscf], transport },
        ...{ impi: 'alice@ims.test', impu: ALICE, password: 'pw-alice', instanceId },
      });
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

    it('leaves the contact of the dead beside its own, for this registrar knows no instances', async () => {
      const { account } = await takenOver();

      const contacts = await lab.scscfContacts(ALICE);
      await account.deregister();

      expect(contacts.length).toBeGreaterThan(1);
    });

    it('is declined there, if need be once the silence of the dead has been waited out', async () => {
      const { account, heard } = await takenOver();

      phone.dial(ALICE);
      const { leg } = await takeInvite(heard);
      leg.ring();
      leg.reject(603);
      await phone.waitFor('CALL_CLOSED', CORE_GIVES_UP_MS);
      await account.deregister();
    });
  },
);

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Baresip, startBaresip } from '../../support/ims-lab/baresip.ts';
import { type ImsLab, startImsLab } from '../../support/ims-lab/ims-lab.ts';
import { type Linphone, startLinphone } from '../../support/ims-lab/linphone.ts';
import { NodePhone } from '../../support/node-phone/node-phone.ts';
import { writeWav } from '../../support/speech/voices.ts';
import { until } from '../../support/until.ts';
import { TestStack } from '../stack/a-stack.ts';

const DOMAIN = 'ims.test';
interface Person {
  readonly impu: string;
  readonly impi: string;
  readonly password: string;
}
const person = (name: string): Person => ({
  impu: `sip:${name}@${DOMAIN}`,
  impi: `${name}@${DOMAIN}`,
  password: `pw-${name}`,
});
const [ALICE, BOB] = [person('alice'), person('bob')];
const [CAROL, DAVE] = [person('carol'), person('dave')];
const [PBX, OTHER_PBX] = [person('pbx'), person('pbx2')];
const userOf = (tenant: string, { impu: userName, password }: Person) => ({
  ...{ tenant, userName, password },
  option: 'same-credentials' as const,
});
const ENOUGH_PACKETS = 25;
const TALKING = /Media streams established/;
const RATE_HZ = 8_000;
const TONE = Int16Array.from({ length: 20 * RATE_HZ }, (_, at) =>
  Math.round(12_000 * Math.sin((2 * Math.PI * 440 * at) / RATE_HZ)),
);

/** From our SDK through a whole stack; neither phone shares code with any part of it. */
describe.each(['udp', 'tcp'] as const)(
  'SES-1, SES-2: the voice of phones over %s, through everything',
  (transport) => {
    let lab: ImsLab;
    let bench: TestStack;
    let alice: NodePhone;
    let dave: NodePhone;
    let bob: Linphone;
    let dir: string;

    beforeAll(async () => {
      const people = [ALICE, BOB, CAROL, DAVE, PBX, OTHER_PBX].map(({ impu, ...who }) => ({
        ...who,
        impus: [impu],
      }));
      lab = await startImsLab({ subscribers: people });
      bench = await TestStack.start({
        ...{ pcscf: lab.pcscf, transport },
        world: {
          tenants: [
            { tenant: 'coast', domain: DOMAIN, trunk: PBX },
            {
              ...{ tenant: 'cliff', domain: DOMAIN, trunk: OTHER_PBX },
              media: { srtp: 'require-dtls' },
            },
          ],
          users: [userOf('coast', ALICE), userOf('cliff', DAVE)],
          subscribers: people.map((it) => ({ ...it, domain: DOMAIN })),
        },
      });
      alice = await loggedIn('coast', ALICE);
      dave = await loggedIn('cliff', DAVE);
      bob = await startLinphone(lab, { user: 'bob', password: BOB.password, transport });
      dir = await mkdtemp(join(tmpdir(), 'linphone-voice-'));
      writeWav(join(dir, 'tone.wav'), TONE, RATE_HZ);
      bob.speak(join(dir, 'tone.wav'));
    });

    afterAll(async () => {
      alice.close();
      dave.close();
      await bob.stop();
      await bench.close();
      await lab.stop();
      await rm(dir, { recursive: true, force: true });
    });

    const loggedIn = async (tenant: string, { impu: userName, password }: Person) => {
      const phone = new NodePhone({ port: bench.stack.port, tenant });
      await phone.phone.logIn({ option: 'same-credentials', userName, password });
      return phone;
    };

    const hears = async ({ peers }: NodePhone = alice): Promise<void> => {
      const before = peers.last.heard.length;
      await until(() => peers.last.heard.length > before + ENOUGH_PACKETS, 'the phone is heard');
    };
    /** Once the phone is heard it can hear: what went to it before its handshake was over is lost. */
    const isHeard = async (
      { id }: { readonly id: string },
      { phone }: NodePhone,
    ): Promise<void> => {
      const sent = async () => (await phone.numbers(id)).ims.packetsSent;
      const before = await sent();
      await until(async () => (await sent()) > before + ENOUGH_PACKETS, 'the phone hears');
    };

    it('MED-10, MED-13: calls a linphone, is told what it measures (RFC 3611 §4.7), and is hung up on', async () => {
      const call = alice.phone.call(BOB.impu);
      await bob.says(/Receiving new incoming call/);
      bob.accept();
      await until(() => call.phase === 'active', 'it has answered');
      await hears();
      const measured = async () => (await alice.phone.numbers(call.id)).ims.far?.measured;
      await until(async () => (await measured()) !== undefined, 'it tells what it measures');
      const told = await measured();
      bob.hangUp();
      await until(() => call.phase === 'ended', 'it has hung up');

      expect(call.end?.cause).toBe('remote-hung-up');
      expect(told?.jitterBufferMs).toBeGreaterThan(0);
      // How good depends on how busy this machine is.
      expect(told?.rating).toBeGreaterThan(0);
      expect(told?.mosConversational).toBeGreaterThanOrEqual(1);
    });

    it('is called by it, held and resumed, and hangs up', async () => {
      bob.dial(ALICE.impu);
      const call = await alice.rung();
      call.accept();
      await bob.says(TALKING);
      await hears();
      bob.hold();
      await bob.says(/is now paused/);
      const isStillUp = call.phase;
      bob.resume();
      await bob.says(TALKING);
      await hears();
      call.hangUp();
      await bob.says(/ended/);

      expect(call.remote.uri).toBe(BOB.impu);
      expect(isStillUp).toBe('active');
    });

    describe('MED-7: a baresip that protects its media by DTLS-SRTP, or talks to nobody', () => {
      const OVER_DTLS = /m=audio \d+ UDP\/TLS\/RTP\/SAVP /;
      let carol: Baresip;

      beforeAll(async () => {
        carol = await startBaresip(lab, {
          ...{ user: 'carol', password: CAROL.password, transport, codecs: ['PCMA'] },
          encryption: 'dtls_srtp',
        });
      });
      afterAll(() => carol.stop());

      it('is called by a user whose tenant demands that, and hears and is heard', async () => {
        const call = dave.phone.call(CAROL.impu);
        await until(() => call.phase === 'active', 'it has answered');
        await hears(dave);
        await isHeard(call, dave);
        call.hangUp();
        await carol.waitFor('CALL_CLOSED');

        expect((await carol.rtpOfLastCall()).received).toBeGreaterThan(ENOUGH_PACKETS / 2);
        expect(carol.trace()).toMatch(OVER_DTLS);
        expect(carol.trace()).toContain('a=setup:actpass');
      });

      it('calls a user whose tenant takes what is offered, is held, and hears and is heard', async () => {
        carol.skipEvents();
        carol.dial(ALICE.impu);
        const call = await alice.rung();
        call.accept();
        await carol.waitFor('CALL_ESTABLISHED');
        await hears();
        call.hold();
        await until(() => call.held.byUs, 'it is held');
        call.resume();
        await hears();
        await isHeard(call, alice);
        call.hangUp();
        await carol.waitFor('CALL_CLOSED');

        expect((await carol.rtpOfLastCall()).received).toBeGreaterThan(ENOUGH_PACKETS / 2);
      });
    });
  },
);

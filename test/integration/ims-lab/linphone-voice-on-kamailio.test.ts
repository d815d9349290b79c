import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ImsLab, startImsLab } from '../../support/ims-lab/ims-lab.ts';
import { type Linphone, startLinphone } from '../../support/ims-lab/linphone.ts';
import { NodePhone } from '../../support/node-phone/node-phone.ts';
import { writeWav } from '../../support/speech/voices.ts';
import { TestStack, until } from '../stack/a-stack.ts';

const DOMAIN = 'ims.test';
const person = (name: string) => ({
  impu: `sip:${name}@${DOMAIN}`,
  impi: `${name}@${DOMAIN}`,
  password: `pw-${name}`,
});
const [ALICE, BOB, PBX] = [person('alice'), person('bob'), person('pbx')];
const ENOUGH_PACKETS = 25;
const TALKING = /Media streams established/;
const RATE_HZ = 8_000;
const TONE = Int16Array.from({ length: 20 * RATE_HZ }, (_, at) =>
  Math.round(12_000 * Math.sin((2 * Math.PI * 440 * at) / RATE_HZ)),
);

/** From our SDK through a whole stack; liblinphone shares no code with any part of it. */
describe.each(['udp', 'tcp'] as const)(
  'SES-1, SES-2: the voice of a linphone over %s, through everything',
  (transport) => {
    let lab: ImsLab;
    let bench: TestStack;
    let alice: NodePhone;
    let bob: Linphone;
    let dir: string;

    beforeAll(async () => {
      const people = [ALICE, BOB, PBX].map(({ impu, ...who }) => ({ ...who, impus: [impu] }));
      lab = await startImsLab({ subscribers: people });
      bench = await TestStack.start({
        ...{ pcscf: lab.pcscf, transport },
        world: {
          tenants: [{ tenant: 'coast', domain: DOMAIN, trunk: PBX }],
          users: [
            {
              ...{ tenant: 'coast', option: 'same-credentials' },
              ...{ userName: ALICE.impu, password: ALICE.password },
            },
          ],
          subscribers: people.map((it) => ({ ...it, domain: DOMAIN })),
        },
      });
      alice = new NodePhone({ port: bench.stack.port, tenant: 'coast' });
      const { impu: userName, password } = ALICE;
      await alice.phone.logIn({ option: 'same-credentials', userName, password });
      bob = await startLinphone(lab, { user: 'bob', password: BOB.password, transport });
      dir = await mkdtemp(join(tmpdir(), 'linphone-voice-'));
      writeWav(join(dir, 'tone.wav'), TONE, RATE_HZ);
      bob.speak(join(dir, 'tone.wav'));
    });

    afterAll(async () => {
      alice.close();
      await bob.stop();
      await bench.close();
      await lab.stop();
      await rm(dir, { recursive: true, force: true });
    });

    const hears = async (): Promise<void> => {
      const before = alice.peers.last.heard.length;
      await until(
        'linphone is heard',
        () => alice.peers.last.heard.length > before + ENOUGH_PACKETS,
      );
    };

    it('calls it, and is hung up on', async () => {
      const call = alice.phone.call(BOB.impu);
      await bob.says(/Receiving new incoming call/);
      bob.accept();
      await until('it has answered', () => call.phase === 'active');
      await hears();
      bob.hangUp();
      await until('it has hung up', () => call.phase === 'ended');

      expect(call.end?.cause).toBe('remote-hung-up');
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
  },
);

import type { Call, CallPhase } from '../../../client/src/app/call.ts';
import { NodePhone, phasesOf } from '../../support/node-phone/node-phone.ts';
import { ScriptedPhone } from '../../support/scripted-phone.ts';
import { until } from '../../support/until.ts';
import { type Item, TestStack } from './a-stack.ts';

/** The SDK on one side, a phone of IMS on the other, and the way to the service between them. */
interface Scene {
  readonly phone: NodePhone;
  readonly far: ScriptedPhone;
}

interface Situation {
  readonly when: string;
  /** Brings a call there. */
  readonly reach: (scene: Scene) => Promise<Call>;
  /** What goes on while the socket is away. */
  readonly meanwhile: (scene: Scene, call: Call) => Promise<void>;
  /** What the user of the SDK sees from the loss on, each once. */
  readonly seen: readonly CallPhase[];
  /** Ends what is left of the call, once the session was resumed. */
  readonly finish: (scene: Scene, call: Call) => Promise<void>;
  readonly cause: string;
  /** How the call is released where nobody returns, and what its record says. */
  readonly released: (scene: Scene) => Promise<unknown>;
  readonly lostCause: string;
  /** The far end hears nothing for a while, as it asked for. */
  readonly isHeldMeanwhile?: boolean;
}

/** Half a second of audio. */
const PACKETS = 25;

const dial = async ({ phone, far }: Scene): Promise<Call> => {
  const call = phone.phone.call(far.impu);
  await far.called();
  return call;
};

const isIn = (call: Call, phase: CallPhase): Promise<void> =>
  until(() => call.phase === phase, `the call is ${phase}`);

const talkBothWays = async ({ phone, far }: Scene): Promise<void> => {
  const [near, there] = [phone.peers.last.heard.length, far.heard.length];
  await until(
    () => phone.peers.last.heard.length >= near + PACKETS && far.heard.length >= there + PACKETS,
    'both hear the other',
  );
};

const listen = async ({ phone }: Scene): Promise<void> => {
  const before = phone.peers.last.heard.length;
  await until(() => phone.peers.last.heard.length >= before + PACKETS, 'the far end is heard');
};

const pickUp = async ({ far }: Scene): Promise<void> => {
  far.answers('200 OK', { media: true });
  await far.takes('ACK');
};

const talk = async (scene: Scene): Promise<Call> => {
  const call = await dial(scene);
  scene.far.answers('180 Ringing');
  await pickUp(scene);
  await isIn(call, 'active');
  await talkBothWays(scene);
  return call;
};

const isRung = async ({ phone, far }: Scene): Promise<Call> => {
  far.calls(phone.phone.registration.impu ?? '');
  const call = await phone.rung();
  await far.isAnswered(180);
  return call;
};

const accept = async (scene: Scene): Promise<Call> => {
  const call = await isRung(scene);
  call.accept();
  await isIn(call, 'active');
  return call;
};

const hangUp = async ({ far }: Scene, call: Call): Promise<void> => {
  call.hangUp();
  await far.grants('BYE');
};

const nothing = (): Promise<void> => Promise.resolve();
const cancelled = ({ far }: Scene) => far.grants('CANCEL');
const byed = ({ far }: Scene) => far.grants('BYE');

const SITUATIONS: readonly Situation[] = [
  {
    when: 'nobody has said anything to our INVITE yet',
    async reach(scene) {
      const call = await dial(scene);
      scene.far.answers('100 Trying');
      return call;
    },
    async meanwhile(scene) {
      scene.far.answers('180 Ringing');
      await pickUp(scene);
      await talkBothWays(scene);
    },
    seen: ['calling', 'ringing', 'active'],
    ...{ finish: hangUp, cause: 'hung-up', released: cancelled, lostCause: 'client-lost' },
  },
  {
    when: 'it rings at the far end',
    async reach(scene) {
      const call = await dial(scene);
      scene.far.answers('180 Ringing');
      await isIn(call, 'ringing');
      return call;
    },
    async meanwhile({ far }) {
      far.answers('486 Busy Here');
      await far.takes('ACK');
    },
    seen: ['ringing', 'ended'],
    ...{ finish: nothing, cause: 'busy', released: cancelled, lostCause: 'client-lost' },
  },
  {
    when: 'early media plays',
    async reach(scene) {
      const call = await dial(scene);
      scene.far.answers('183 Session Progress', { media: true });
      await listen(scene);
      return call;
    },
    async meanwhile(scene) {
      await listen(scene);
      await pickUp(scene);
      await talkBothWays(scene);
    },
    seen: ['ringing', 'active'],
    ...{ finish: hangUp, cause: 'hung-up', released: cancelled, lostCause: 'client-lost' },
  },
  {
    when: 'our 200 waits for its ACK',
    reach: accept,
    async meanwhile(scene) {
      const { far } = scene;
      far.acknowledges(await far.isAnswered(200));
      await talkBothWays(scene);
    },
    seen: ['active'],
    ...{ finish: hangUp, cause: 'hung-up', lostCause: 'client-lost' },
    async released({ far }) {
      const ok = await far.isAnswered(200);
      // BYE may not overtake the ACK (RFC 3261 §15).
      expect(far.came('BYE')).toBe(0);
      far.acknowledges(ok);
      await far.grants('BYE');
    },
  },
  {
    when: 'both talk',
    reach: talk,
    async meanwhile(scene) {
      await talkBothWays(scene);
      await scene.far.within('BYE');
    },
    seen: ['active', 'ended'],
    ...{ finish: nothing, cause: 'remote-hung-up', released: byed, lostCause: 'client-lost' },
  },
  {
    when: 'the far end holds the call meanwhile, and resumes it',
    async reach(scene) {
      const call = await accept(scene);
      const { far } = scene;
      far.acknowledges(await far.isAnswered(200));
      await talkBothWays(scene);
      return call;
    },
    async meanwhile(scene) {
      const held = await scene.far.offers('sendonly');
      await listen(scene);
      const resumed = await scene.far.offers('sendrecv');
      await talkBothWays(scene);
      expect([held.body, resumed.body]).toEqual([
        expect.stringContaining('a=recvonly'),
        expect.not.stringContaining('a=recvonly'),
      ]);
    },
    seen: ['active'],
    isHeldMeanwhile: true,
    ...{ finish: hangUp, cause: 'hung-up', released: byed, lostCause: 'client-lost' },
  },
  {
    when: 'it rings here',
    reach: isRung,
    async meanwhile({ far }) {
      far.cancels();
      far.refused(await far.isAnswered(487));
    },
    seen: ['incoming', 'ended'],
    ...{ finish: nothing, cause: 'cancelled', lostCause: 'unavailable' },
    async released({ far }) {
      far.refused(await far.isAnswered(480));
    },
  },
  {
    when: 'it rings here, and is accepted without a socket',
    reach: isRung,
    async meanwhile(_, call) {
      call.accept();
      await isIn(call, 'connecting');
    },
    seen: ['incoming', 'connecting', 'active'],
    async finish(scene, call) {
      const { far } = scene;
      far.acknowledges(await far.isAnswered(200));
      await talkBothWays(scene);
      await hangUp(scene, call);
    },
    ...{ cause: 'hung-up', lostCause: 'unavailable' },
    async released({ far }) {
      far.refused(await far.isAnswered(480));
    },
  },
  {
    when: 'the user has hung up without a socket',
    reach: talk,
    meanwhile(_, call) {
      call.hangUp();
      return Promise.resolve();
    },
    seen: ['active', 'ended'],
    async finish({ far }) {
      await far.grants('BYE');
    },
    ...{ cause: 'hung-up', released: byed, lostCause: 'client-lost' },
  },
  {
    when: 'our BYE waits for its answer',
    async reach(scene) {
      const call = await talk(scene);
      call.hangUp();
      await until(() => scene.far.came('BYE') === 1, 'the BYE is out');
      return call;
    },
    async meanwhile({ far }) {
      await far.grants('BYE');
    },
    seen: ['ended'],
    ...{ finish: nothing, cause: 'hung-up', released: byed, lostCause: 'hung-up' },
  },
];

const leave = async ({ network }: NodePhone): Promise<void> => {
  network.goAway();
  await until(() => network.sockets === 0, 'no socket is left');
};

/** Numbers missing between the first and the last. */
const gapsIn = (numbers: readonly number[]): number =>
  numbers.length === 0
    ? 0
    : (((numbers.at(-1) ?? 0) - (numbers[0] ?? 0)) & 0xffff) + 1 - new Set(numbers).size;

describe('SES-8: a socket that is lost in a call', () => {
  const open: { close(): void }[] = [];

  async function sceneOn(bench: TestStack): Promise<Scene> {
    const fern = bench.user('coast', 'token');
    const phone = new NodePhone({ port: bench.stack.port, tenant: 'coast' });
    open.push(phone);
    const { userName, password } = fern;
    await phone.phone.logIn({ option: 'token', userName, password });
    const emil = bench.stack.world.subscribers.find(({ impi }) => impi === 'emil@coast.example');
    if (!emil) throw new Error('nobody of that name');
    const account = { ...emil, impu: emil.impus[0] ?? '' };
    const far = await ScriptedPhone.register({ sipPort: bench.simulator.sipPort, account });
    open.push(far);
    return { phone, far };
  }

  const recordsOf = async (bench: TestStack, callId: string): Promise<readonly Item[]> =>
    (await bench.items()).filter((it) => it['callId'] === callId && it['cause'] !== undefined);

  async function recorded(bench: TestStack, { id }: Call): Promise<readonly unknown[]> {
    await until(async () => (await recordsOf(bench, id)).length > 0, 'the call has its record');
    return (await recordsOf(bench, id)).map(({ cause }) => cause);
  }

  afterEach(() => {
    for (const it of open.splice(0).reverse()) it.close();
  });

  describe('and resumed in time', () => {
    let bench: TestStack;

    beforeAll(async () => {
      bench = await TestStack.start();
    });

    afterAll(async () => {
      await bench.close();
    });

    it.each(SITUATIONS)('while $when: goes on, and is told once what it missed', async (it) => {
      const scene = await sceneOn(bench);
      const { phone, far } = scene;
      const call = await it.reach(scene);
      const seen = phasesOf(call);
      await leave(phone);
      await it.meanwhile(scene, call);
      const attachedMeanwhile = phone.network.sockets;
      phone.network.comeBack();
      await until(() => phone.phone.connection === 'online', 'the session is resumed');
      await until(() => seen.length >= it.seen.length, 'all was told');
      await it.finish(scene, call);
      const causes = await recorded(bench, call);

      expect(attachedMeanwhile).toBe(0);
      const ended = it.seen.at(-1) === 'ended' ? [] : ['ended'];
      expect(seen).toEqual([...it.seen, ...ended]);
      expect(causes).toEqual([it.cause]);
      expect(phone.incoming).toEqual([]);
      expect(far.came('BYE')).toBeLessThanOrEqual(1);
      expect(gapsIn(phone.peers.last.heard)).toBe(0);
      if (it.isHeldMeanwhile !== true) expect(gapsIn(far.heard)).toBe(0);
      await until(() => bench.stack.node.activeCalls === 0, 'nothing of it is left');
    });
  });

  describe('and not resumed', () => {
    let bench: TestStack;

    beforeAll(async () => {
      bench = await TestStack.start({ graceS: 1 });
    });

    afterAll(async () => {
      await bench.close();
    });

    it.each(SITUATIONS)('while $when: ends the call with the grace time', async (it) => {
      const scene = await sceneOn(bench);
      const call = await it.reach(scene);
      const { impu } = scene.phone.phone.registration;
      await leave(scene.phone);
      await it.released(scene);
      const causes = await recorded(bench, call);
      await until(() => bench.stack.node.activeCalls === 0, 'nothing of it is left');
      await until(
        () => bench.simulator.registrations().every((one) => one.defaultImpu !== impu),
        'IMS has let the user go',
      );
      scene.phone.network.comeBack();
      await until(() => scene.phone.phone.connection === 'offline', 'the user is told');

      expect(causes).toEqual([it.lostCause]);
      expect(call.phase).toBe('ended');
    });
  });
});

import { readFile } from 'node:fs/promises';
import type { Browser } from 'playwright-core';
import { type Baresip, startBaresip } from '../support/ims-lab/baresip.ts';
import { type ImsLab, startImsLab } from '../support/ims-lab/ims-lab.ts';
import { openUeFlow } from '../support/ims-lab/open-ue-flow.ts';
import { runSipp, startSipp } from '../support/ims-lab/sipp.ts';
import type { UeFlow } from '../support/ims-lab/ue-flow.ts';
import { launchChromium, PhonePage } from './support/phone-page.ts';
import {
  loudestHeard,
  type OptionName,
  purityHeard,
  type RealCoreStack,
  startOnRealCore,
} from './support/real-core.ts';

/** Levels of an analyser are dB of full scale; silence is far below this. */
const AUDIBLE_DB = -60;
/** Of 32767: the beep of the fake microphone is far above it, a codec's idle noise below. */
const AUDIBLE_SAMPLE = 1_000;
const TONE_TOLERANCE_HZ = 40;
/** A second of talk is fifty packets; half of them is proof enough on a busy machine. */
const ENOUGH_PACKETS = 25;
/** Neither is the fake microphone's own beep, so that nobody can be taken for oneself. */
const BOB_HZ = 700;
const CARLA_HZ = 1_000;
const BOB = 'sip:bob@ims.test';
const CARLA = 'sip:carla@ims.test';

/** A tone alone is 1; two alike are a half each. */
const PURE = 0.6;

/** From now on, players that are in no document are known, too. */
function rememberPlayers(): void {
  const players: HTMLAudioElement[] = [];
  const Original = Audio;
  Object.assign(globalThis, {
    players,
    Audio: function Remembered(): HTMLAudioElement {
      const player = new Original();
      players.push(player);
      return player;
    },
  });
}

/** The loudest tone of each player that plays a stream. */
async function tonesOfPlayers(): Promise<readonly number[]> {
  const { players } = globalThis as unknown as { players: readonly HTMLAudioElement[] };
  const context = new AudioContext();
  const loudest = async (stream: MediaStream): Promise<number> => {
    const analyser = context.createAnalyser();
    analyser.fftSize = 8192;
    context.createMediaStreamSource(stream).connect(analyser);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const bins = new Float32Array(analyser.frequencyBinCount);
    analyser.getFloatFrequencyData(bins);
    return (bins.indexOf(Math.max(...bins)) * context.sampleRate) / analyser.fftSize;
  };
  const streams = players.map((it) => it.srcObject).filter((it) => it instanceof MediaStream);
  return Promise.all(streams.map(loudest));
}

/** A binding that is left would be a second contact of the next test's user. */
async function leave(phone: PhonePage): Promise<void> {
  const button = phone.button('Log out');
  if (await button.isVisible()) await button.click({ timeout: 1_000 }).catch(() => undefined);
  await phone
    .button('Log in')
    .waitFor({ timeout: 3_000 })
    .catch(() => undefined);
  await phone.close();
}

/** What a Kamailio would need to take WebRTC on by itself. */
const WEBRTC_MODULES = [expect.stringMatching(/websocket|rtpengine|rtpproxy|mediaproxy|sdpops/)];
const PCSCF = new URL('../support/ims-lab/kamailio/pcscf.cfg', import.meta.url);

async function pcscfModules(): Promise<readonly string[]> {
  const modules = (await readFile(PCSCF, 'utf8')).matchAll(/^loadmodule "(.+)\.so"/gm);
  return [...modules].map(([, name = '']) => name);
}

const subscriber = (user: string) => ({
  impi: `${user}@ims.test`,
  password: `pw-${user}`,
  impus: [`sip:${user}@ims.test`],
});

// This S-CSCF demands the Service-Route it gave: a call without it would be refused.
describe('REG-7, SES-1, SES-2: RFC 3608 §5 – the softphone page on a real IMS core', () => {
  let lab: ImsLab;
  let browser: Browser;
  let bob: Baresip;
  let carla: Baresip;
  /** One flow throughout: a second contact would be called too, where nobody is. */
  let sam: { readonly user: string; readonly password: string; readonly flow: UeFlow };
  let open: PhonePage[] = [];

  beforeAll(async () => {
    const subscribers = ['bob', 'carla', 'sam', 'dave'].map(subscriber);
    [lab, browser] = await Promise.all([startImsLab({ subscribers }), launchChromium()]);
    [bob, carla] = await Promise.all([
      startBaresip(lab, { user: 'bob', password: 'pw-bob', toneHz: BOB_HZ }),
      startBaresip(lab, {
        ...{ user: 'carla', password: 'pw-carla', toneHz: CARLA_HZ },
        transport: 'tcp',
      }),
    ]);
    sam = { user: 'sam', password: 'pw-sam', flow: await openUeFlow(lab, 'udp') };
    await runSipp({ lab, scenario: 'register', ...sam });
  });

  beforeEach(() => {
    bob.skipEvents();
    carla.skipEvents();
  });

  afterEach(async () => {
    for (const phone of [bob, carla]) phone.hangUp();
    await Promise.all(open.map(leave));
    open = [];
  });

  afterAll(async () => {
    await browser.close();
    await Promise.all([bob.stop(), carla.stop()]);
    await lab.stop();
    sam.flow.close();
  });

  const logIn = async (isthmus: RealCoreStack, option: OptionName, index = 0) => {
    const phone = await PhonePage.open(browser, isthmus.url);
    open.push(phone);
    await phone.logIn(isthmus.user(option, index));
    return phone;
  };
  const hearTone = async (phone: PhonePage, toneHz: number): Promise<void> => {
    const heard = await phone.hear();
    expect(heard.level).toBeGreaterThan(AUDIBLE_DB);
    expect(Math.abs(heard.peakHz - toneHz)).toBeLessThan(TONE_TOLERANCE_HZ);
  };
  const expectTalk = async (phone: Baresip): Promise<void> => {
    const { sent, received } = await phone.rtpOfLastCall();
    expect(sent).toBeGreaterThan(ENOUGH_PACKETS);
    expect(received).toBeGreaterThan(ENOUGH_PACKETS);
    await expect(loudestHeard(phone)).resolves.toBeGreaterThan(AUDIBLE_SAMPLE);
  };
  const asserted = (phone: Baresip): string | undefined =>
    phone.headersSeen('INVITE', 'P-Asserted-Identity').at(-1);
  const end = async (page: PhonePage, by: 'page' | 'phone'): Promise<void> => {
    if (by === 'page') return page.hangUp();
    bob.hangUp();
    await page.says(/Call ended: hung up/);
  };

  describe.each([
    ['a gateway that behaves', 'calm', false],
    ['a faulty gateway', 'rough', true],
  ])('over TCP and %s', (_gateway, name, faults) => {
    let isthmus: RealCoreStack;

    beforeAll(async () => {
      const trunkImpus = ['1', '2'].map((desk) => `sip:desk${desk}-${name}@ims.test`);
      trunkImpus.push(faults ? 'tel:+15550100' : 'tel:+15550200');
      isthmus = await startOnRealCore(lab, { name, transport: 'tcp', trunkImpus, faults });
    });
    afterAll(() => isthmus.close());

    it.each([
      ['IP-PBX', 'page'],
      ['Same credentials', 'phone'],
      ['Token', 'page'],
    ] as const)('by %s calls a phone, and the %s hangs up', async (option, by) => {
      const page = await logIn(isthmus, option);

      await page.dial(BOB);
      await page.says(/In call with .*bob/);
      await hearTone(page, BOB_HZ);
      await end(page, by);

      await bob.waitFor('CALL_CLOSED');
      await expectTalk(bob);
      expect(asserted(bob)).toBe(`<${await page.impu()}>`);
      expect(page.errors).toEqual([]);
    });

    it.each([
      ['IP-PBX', 'phone'],
      ['Same credentials', 'page'],
      ['Token', 'phone'],
    ] as const)('by %s is called by a phone, and the %s hangs up', async (option, by) => {
      const page = await logIn(isthmus, option);

      bob.dial(await page.impu());
      await page.says(`Incoming call from ${BOB}`);
      await page.button('Answer').click();
      await page.says(/In call with .*bob/);
      await hearTone(page, BOB_HZ);
      await end(page, by);

      await bob.waitFor('CALL_CLOSED');
      await expectTalk(bob);
    });

    it('REG-1: keeps two users of one trunk apart who call at one time', async () => {
      const [first, second] = [await logIn(isthmus, 'IP-PBX'), await logIn(isthmus, 'IP-PBX', 1)];
      const identities = [await first.impu(), await second.impu()];

      await Promise.all([first.dial(BOB), second.dial(CARLA)]);
      await Promise.all([first.says(/In call with .*bob/), second.says(/In call with .*carla/)]);
      await Promise.all([hearTone(first, BOB_HZ), hearTone(second, CARLA_HZ)]);
      await Promise.all([first.hangUp(), second.hangUp()]);

      expect(new Set(identities).size).toBe(2);
      expect([asserted(bob), asserted(carla)]).toEqual(identities.map((impu) => `<${impu}>`));
    });

    it('REG-1: lets two users of one trunk call each other through the core', async () => {
      const [caller, callee] = [await logIn(isthmus, 'IP-PBX'), await logIn(isthmus, 'IP-PBX', 1)];

      await caller.dial(await callee.impu());
      await callee.says(`Incoming call from ${await caller.impu()}`);
      await callee.button('Answer').click();
      await Promise.all([caller.says(/In call with/), callee.says(/In call with/)]);
      const sounds = await Promise.all([caller.hear(), callee.hear()]);
      await callee.hangUp();

      await caller.says(/Call ended: hung up/);
      for (const { level } of sounds) expect(level).toBeGreaterThan(AUDIBLE_DB);
    });

    it('hears its own tone from a sipp that echoes PCMA, called as its IMPU', async () => {
      const page = await logIn(isthmus, 'Token');
      const callee = await startSipp({ lab, scenario: 'answer-echo', ...sam });

      await page.dial('sam');
      await page.says(/In call with .*sam/);
      const [heard, spoken] = [await page.hear(), await page.speak()];
      await page.hangUp();

      const run = await callee.done;
      expect(run).toMatchObject({ exitCode: 0 });
      expect(run.log).toContain(`caller= <${await page.impu()}>`);
      expect(Math.abs(heard.peakHz - spoken.peakHz)).toBeLessThan(TONE_TOLERANCE_HZ);
    });

    it('MED-14: shows the core plain RTP, and needs nothing of WebRTC in the P-CSCF', async () => {
      const page = await logIn(isthmus, 'Token');
      const callee = await startSipp({ lab, scenario: 'answer-echo', ...sam });

      await page.dial('sam');
      await page.says(/In call with .*sam/);
      await page.hangUp();

      const { messages } = await callee.done;
      expect(messages).toMatch(/m=audio \d+ RTP\/AVP /);
      expect(messages).not.toMatch(/a=(?:candidate|fingerprint|group|ice-|mid|rtcp-mux|setup)/);
      expect(await pcscfModules()).not.toEqual(expect.arrayContaining(WEBRTC_MODULES));
    });

    it('is told that a sipp is busy', async () => {
      const page = await logIn(isthmus, 'Same credentials');
      const callee = await startSipp({ lab, scenario: 'busy', ...sam });

      await page.dial('sam');

      await page.says(/Call ended: busy/);
      await expect(callee.done).resolves.toMatchObject({ exitCode: 0 });
    });

    it.each([
      ['nobody of that name', 'nobody', /Call ended: not found/],
      ['a user who is not registered', 'dave', /Call ended: unavailable/],
    ])('is told why %s cannot be called', async (_, number, words) => {
      const page = await logIn(isthmus, 'Token');

      await page.dial(number);

      await page.says(words);
    });

    it.each(['Same credentials', 'Token'] as const)(
      'REG-4: by %s leaves no binding at the S-CSCF after log-out',
      async (option) => {
        const page = await logIn(isthmus, option);
        const impu = await page.impu();
        await lab.untilContacts(impu, 1);

        await page.logOut();

        await lab.untilContacts(impu, 0);
      },
    );

    it('REG-1: a user of the trunk who logged out is out of reach, the trunk stays', async () => {
      const page = await logIn(isthmus, 'IP-PBX');
      const impu = await page.impu();
      await page.logOut();

      bob.dial(impu);

      const { param } = await bob.waitFor('CALL_CLOSED');
      expect(param).toMatch(/^480/);
      await lab.untilContacts(isthmus.trunkImpu, 1);
    });
  });

  describe('over UDP and a faulty gateway, the trunk with but a wildcard for its users', () => {
    let isthmus: RealCoreStack;

    beforeAll(async () => {
      isthmus = await startOnRealCore(lab, {
        name: 'udp',
        transport: 'udp',
        trunkImpus: ['sip:web!.*!@ims.test'],
        faults: true,
      });
    });
    afterAll(() => isthmus.close());

    it.each([
      ['IP-PBX', 'sip:webamira@ims.test'],
      ['Same credentials', 'sip:dora-udp@ims.test'],
      ['Token', 'sip:fern-udp@ims.test'],
    ] as const)('by %s calls as %s and is called so', async (option, impu) => {
      const page = await logIn(isthmus, option);
      await expect(page.impu()).resolves.toBe(impu);

      await page.dial(BOB);
      await page.says(/In call with .*bob/);
      await hearTone(page, BOB_HZ);
      await end(page, 'phone');
      await bob.waitFor('CALL_CLOSED');
      await expectTalk(bob);
      expect(asserted(bob)).toBe(`<${impu}>`);

      bob.dial(impu);
      await page.says(`Incoming call from ${BOB}`);
      await page.button('Answer').click();
      await page.says(/In call with .*bob/);
      await hearTone(page, BOB_HZ);
      await end(page, 'page');
      await bob.waitFor('CALL_CLOSED');
      await expectTalk(bob);
    });
  });

  // Of a phone that was held baresip records nothing more: each is the second one once.
  it.each(['bob', 'carla'] as const)(
    'SES-5: joins two phones in a conference; all hear the others, nobody himself (%s)',
    async (name) => {
      const site = { name: `three-${name}`, transport: 'tcp', trunkImpus: [] } as const;
      const isthmus = await startOnRealCore(lab, site);
      const [first, second] = name === 'carla' ? [BOB, CARLA] : [CARLA, BOB];
      const [otherHz, ownHz] = name === 'carla' ? [BOB_HZ, CARLA_HZ] : [CARLA_HZ, BOB_HZ];
      const listener = name === 'carla' ? carla : bob;
      try {
        const page = await logIn(isthmus, 'Token');
        await page.page.evaluate(rememberPlayers);
        await page.dial(first);
        await page.says(`In call with ${first}`);
        await page.button('Add call').click();
        await page.dial(second);
        await page.says(`In call with ${second}`);

        await page.button('Conference').click();
        await page.page.getByRole('button', { name: 'Conference', pressed: true }).waitFor();
        await page.page.waitForTimeout(2_500);
        const heard = await page.page.evaluate(tonesOfPlayers);
        await page.hangUp();
        await Promise.race([bob, carla].map((it) => it.waitFor('CALL_CLOSED')));
        for (const phone of [bob, carla]) phone.hangUp();
        await listener.rtpOfLastCall();

        const [low = 0, high = 0] = [...heard].sort((a, b) => a - b);
        expect(Math.abs(low - BOB_HZ)).toBeLessThan(TONE_TOLERANCE_HZ);
        expect(Math.abs(high - CARLA_HZ)).toBeLessThan(TONE_TOLERANCE_HZ);
        expect(await purityHeard(listener, otherHz)).toBeGreaterThan(PURE);
        expect(await purityHeard(listener, ownHz)).toBeLessThan(PURE);
        expect(page.errors).toEqual([]);
      } finally {
        await isthmus.close();
      }
    },
  );

  it.each(['tcp', 'udp'] as const)('leaves nothing in IMS when it ends (%s)', async (transport) => {
    const name = `last-${transport}`;
    const trunkImpus = [`sip:desk-${name}@ims.test`];
    const isthmus = await startOnRealCore(lab, { name, transport, trunkImpus });
    const page = await logIn(isthmus, 'Token');
    const bound = [isthmus.trunkImpu, ...trunkImpus, await page.impu()];
    for (const impu of bound) await lab.untilContacts(impu, 1);

    await isthmus.close();

    for (const impu of bound) await lab.untilContacts(impu, 0);
  });
});

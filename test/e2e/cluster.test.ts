import type { Browser } from 'playwright-core';
import { type IsthmusProcess, startIsthmus } from './support/isthmus-process.ts';
import { launchChromium, PhonePage } from './support/phone-page.ts';

/** A lease lapses after 20 s; then another node registers. */
const TAKE_OVER_MS = 60_000;
/** By then every function knows of a call that holds a slot of its node. */
const NEXT_BEAT_MS = 6_000;

describe('REG-10, SES-8: `npm run start:cluster`, of which one node is killed', () => {
  let isthmus: IsthmusProcess;
  let browser: Browser;

  beforeAll(async () => {
    [isthmus, browser] = await Promise.all([startIsthmus({ nodes: 2 }), launchChromium()]);
  });
  afterAll(async () => {
    await browser.close();
    await isthmus.stop();
  });

  /** Logged in, and in a call that says by its end when the node has gone. */
  const inCall = async (option: string): Promise<PhonePage> => {
    const user = isthmus.users.find((it) => it.option === option);
    if (!user) throw new Error(`no user for ${option}`);
    const phone = await PhonePage.open(browser, isthmus.url);
    await phone.logIn(user);
    await phone.dial('echo');
    await phone.says(/In call with .*echo/);
    return phone;
  };
  const rings = async (caller: PhonePage, callee: PhonePage, impu: string): Promise<void> => {
    await caller.dial(impu);
    await callee.says(/Incoming call from/);
    await callee.button('Answer').click();
    await Promise.all([caller, callee].map((it) => it.says(/In call with/)));
    await caller.hangUp();
    await callee.says(/Call ended: hung up/);
  };

  it('ends the calls of that node only, and its users are called and call as before', async () => {
    // The second goes where there is more room, which is where the first is not.
    const first = await inCall('Same credentials');
    await first.page.waitForTimeout(NEXT_BEAT_MS);
    const second = await inCall('Token');
    const killed = isthmus.nodes[0]?.pid ?? 0;

    process.kill(killed, 'SIGKILL');
    const ended = /Call ended: network failure/;
    const [hit, spared] = await Promise.race([
      first.says(ended, TAKE_OVER_MS).then(() => [first, second] as const),
      second.says(ended, TAKE_OVER_MS).then(() => [second, first] as const),
    ]);
    await spared.says(/In call with .*echo/);
    await hit.says(/Registered as sip:/, TAKE_OVER_MS);
    await spared.hangUp();
    const [hitImpu, sparedImpu] = [await hit.impu(), await spared.impu()];
    await rings(spared, hit, hitImpu);
    await rings(hit, spared, sparedImpu);

    expect(isthmus.nodes).toHaveLength(2);
    expect([...hit.errors, ...spared.errors]).toEqual([]);
  }, 180_000);
});

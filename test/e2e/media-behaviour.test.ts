import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { type Stack, startStack } from '../../local/src/stack.ts';
import { CHEAP_PASSWORDS } from '../support/cheap-passwords.ts';
import { noLog } from '../support/node-no-log.ts';
import { startIsthmus } from './support/isthmus-process.ts';
import { launchChromium, PhonePage } from './support/phone-page.ts';

/** As long as consent lasts (RFC 7675 §5.1), and the call waits for another way, and a check more. */
const CONSENT_MS = 55_000;
const AUDIBLE_DB = -60;

describe('MED-6: a node that falls silent', () => {
  it('is noticed by the page, which says so', async () => {
    const [isthmus, browser] = await Promise.all([startIsthmus(), launchChromium()]);
    try {
      const phone = await PhonePage.open(browser, isthmus.url);
      const user = isthmus.users.find(({ option }) => option === 'Token');
      if (!user) throw new Error('no user');
      await phone.logIn(user);
      await phone.dial('echo');
      await phone.says(/In call with .*echo/);

      isthmus.freeze();
      const alert = phone.page.getByRole('alert').filter({ hasText: /connection is lost/ });
      await alert.waitFor({ timeout: 30_000 });
    } finally {
      isthmus.thaw();
      await browser.close();
      await isthmus.stop();
    }
  });
});

describe('CLI-2: the page in a call', () => {
  let dataDir: string;
  let stack: Stack;
  let browser: Browser;
  let phone: PhonePage;
  let asked: string[];

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'isthmus-media-'));
    stack = await startStack({
      passwordCost: CHEAP_PASSWORDS,
      port: 0,
      dataDir,
      log: noLog,
      faults: ['drop-disconnect'],
      probeIntervalS: 3_600,
    });
    browser = await launchChromium();
  });

  beforeEach(async () => {
    phone = await PhonePage.open(browser, `http://localhost:${String(stack.port)}`);
    asked = [];
    phone.page.on('request', (request) => asked.push(new URL(request.url()).hostname));
    const user = stack.world.users.find(({ option }) => option === 'token');
    if (!user) throw new Error('no user');
    await phone.logIn({ option: 'Token', userName: user.userName, password: user.password });
    await phone.dial('echo');
    await phone.says(/In call with .*echo/);
  });

  afterEach(async () => {
    await phone.close();
  });

  afterAll(async () => {
    await browser.close();
    await stack.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  const echoCall = () => stack.simulator?.calls().findLast(({ service }) => service === 'echo');
  const until = async (isSo: () => boolean, withinMs: number): Promise<boolean> => {
    const deadline = Date.now() + withinMs;
    while (!isSo() && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return isSo();
  };

  /** What was on its way may still come; then nothing does for a second. */
  const fallsSilent = async (): Promise<boolean> => {
    for (let second = 0; second < 5; second++) {
      const before = echoCall()?.packetsReceived;
      await until(() => false, 1_000);
      if (echoCall()?.packetsReceived === before) return true;
    }
    return false;
  };

  it('SES-5: mutes: the button says so, and the far end hears nothing', async () => {
    const mute = phone.button('Mute');
    const aloud = await phone.hear();

    await mute.click();
    await expect(mute.getAttribute('aria-pressed')).resolves.toBe('true');
    // What was on its way comes back before the silence.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const muted = await phone.hear();
    await mute.click();
    await expect(mute.getAttribute('aria-pressed')).resolves.toBe('false');
    const again = await phone.hear();

    expect(aloud.level).toBeGreaterThan(AUDIBLE_DB);
    expect(muted.level).toBeLessThan(AUDIBLE_DB);
    expect(again.level).toBeGreaterThan(AUDIBLE_DB);
  });

  it('SES-5: holds and resumes: the status says so, and neither side is heard meanwhile', async () => {
    const hold = phone.button('Hold');
    await hold.click();
    await phone.says(/On hold: .*echo/);
    await expect(hold.getAttribute('aria-pressed')).resolves.toBe('true');
    const isSilent = await fallsSilent();

    await hold.click();
    await phone.says(/In call with .*echo/);
    const again = await phone.hear();

    expect(isSilent).toBe(true);
    expect(again.level).toBeGreaterThan(AUDIBLE_DB);
  });

  it('SES-5: a second call holds the first, is held itself and told, and both can be swapped', async () => {
    await phone.button('Add call').click();
    await phone.dial('hold');
    await phone.says(/In call with hold · on hold: echo/);
    await phone.says(/hold has put you on hold/);
    await phone.says(/In call with hold/);

    await phone.button('Swap').click();
    await phone.says(/In call with echo · on hold: hold/);
    const heard = await phone.hear();
    await phone.button('Hang up').click();
    await phone.says(/Call ended: hung up · On hold: hold/);
    await phone.button('Hold').click();
    await phone.says(/In call with hold/);

    expect(heard.level).toBeGreaterThan(AUDIBLE_DB);
    expect(phone.errors).toEqual([]);
  });

  it('SES-5: sends the digits of the dial pad as telephone-events', async () => {
    const pad = phone.page.getByRole('group', { name: 'Dial pad' });

    for (const digit of ['1', '5', '9']) await pad.getByRole('button', { name: digit }).click();

    await until(() => echoCall()?.digits === '159', 10_000);
    expect(echoCall()?.digits).toBe('159');
  });

  it('MED-5: contacts nobody but the one it came from', async () => {
    const heard = await phone.hear(1_000);
    const servers = await phone.page.evaluate(() => performance.getEntriesByType('resource'));

    expect(heard.level).toBeGreaterThan(AUDIBLE_DB);
    expect(new Set(asked)).toEqual(new Set(asked.filter((host) => host === 'localhost')));
    expect(servers.length).toBeGreaterThan(0);
  });

  it('MED-6: is released with a BYE when the browser is gone, though nobody says so', async () => {
    const talking = echoCall();
    expect(talking?.state).toBe('established');

    await phone.close();
    const isOver = await until(() => echoCall()?.state === 'ended', CONSENT_MS);

    expect(isOver).toBe(true);
    expect(stack.node.activeCalls).toBe(0);
  });
});

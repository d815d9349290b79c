import type { Browser } from 'playwright-core';
import { type IsthmusProcess, type PrintedUser, startIsthmus } from './support/isthmus-process.ts';
import { launchChromium, PhonePage } from './support/phone-page.ts';

/** Levels of an analyser are dB of full scale; silence is far below this. */
const AUDIBLE_DB = -60;
const TONE_TOLERANCE_HZ = 40;

describe.each([
  ['a gateway that behaves', false],
  ['a gateway that reorders, repeats and forgets $disconnect', true],
])('CLI-2, SES-1, SES-2: the softphone page over %s', (_, faults) => {
  let isthmus: IsthmusProcess;
  let browser: Browser;
  let open: PhonePage[] = [];

  beforeAll(async () => {
    [isthmus, browser] = await Promise.all([startIsthmus({ faults }), launchChromium()]);
  });

  afterEach(async () => {
    await Promise.all(open.map((phone) => phone.close()));
    open = [];
  });

  afterAll(async () => {
    await browser.close();
    await isthmus.stop();
  });

  const userOf = (option: string, index = 0): PrintedUser => {
    const user = isthmus.users.filter((it) => it.option === option)[index];
    if (!user) throw new Error(`no user ${String(index)} for ${option}`);
    return user;
  };
  const phoneOf = async (option: string, index = 0): Promise<PhonePage> => {
    const phone = await PhonePage.open(browser, isthmus.url);
    open.push(phone);
    await phone.logIn(userOf(option, index));
    return phone;
  };

  it.each(['IP-PBX', 'Same credentials', 'Token'])(
    'REG-1, REG-2, REG-3: logs in by %s, calls echo and hears its own tone',
    async (option) => {
      const phone = await phoneOf(option);

      await phone.dial('echo');
      await phone.says(/In call with .*echo/);
      const [heard, spoken] = await Promise.all([phone.hear(), phone.speak()]);
      await phone.hangUp();

      expect(heard.level).toBeGreaterThan(AUDIBLE_DB);
      expect(Math.abs(heard.peakHz - spoken.peakHz)).toBeLessThan(TONE_TOLERANCE_HZ);
      expect(phone.errors).toEqual([]);
    },
  );

  it('OPS-5: shows the ladder of the call when asked, and not before', async () => {
    const phone = await phoneOf('Token');
    const trace = phone.page.getByRole('region', { name: 'Trace of the call' });
    expect(await phone.button('Trace').isVisible()).toBe(false);

    await phone.dial('echo');
    await phone.says(/In call with .*echo/);
    expect(await trace.isVisible()).toBe(false);
    await phone.button('Trace').click();
    const steps = trace.getByRole('listitem');
    await steps.filter({ hasText: 'Isthmus to IMS: INVITE' }).waitFor();
    await phone.hangUp();
    await steps.filter({ hasText: 'Isthmus to Browser: call.ended hung-up' }).waitFor();
    await steps.filter({ hasText: 'Isthmus to IMS: INVITE' }).click();

    await trace.getByText('P-Preferred-Identity: <').waitFor();
    expect(await trace.textContent()).not.toMatch(/a=ice-pwd:(?!\*\*\*)/);
    await phone.button('Trace').click();
    expect(await trace.isVisible()).toBe(false);
    expect(phone.errors).toEqual([]);
  });

  it('MED-13: shows the numbers of the call when asked, and not before', async () => {
    const phone = await phoneOf('Token');
    const numbers = phone.page.getByRole('region', { name: 'Numbers of the call' });

    await phone.dial('echo');
    await phone.says(/In call with .*echo/);
    expect(await numbers.isVisible()).toBe(false);
    await phone.button('Numbers').click();
    const codec = numbers.getByRole('row', { name: /^Codec/ });
    await codec.filter({ hasText: /^Codec(\S+)\1$/ }).waitFor();
    await numbers.getByText(/They hear you: (Good|Fair|Poor)/).waitFor();
    await numbers.getByText(/secured after [\d.]+ s/).waitFor();
    await numbers.getByText(/answered after [\d.]+ s/).waitFor();
    await phone.hangUp();
    await phone.button('Numbers').click();

    expect(await numbers.isVisible()).toBe(false);
    expect(phone.errors).toEqual([]);
  });

  it('hears 440 Hz from tone', async () => {
    const phone = await phoneOf('Token');

    await phone.dial('tone');
    await phone.says(/In call with .*tone/);
    const heard = await phone.hear();
    await phone.hangUp();

    expect(Math.abs(heard.peakHz - 440)).toBeLessThan(TONE_TOLERANCE_HZ);
  });

  it.each([
    ['busy', /Call ended: busy/],
    ['reject', /Call ended: declined/],
    ['nobody-of-that-name', /Call ended: not found/],
  ])('is told why %s ends', async (number, words) => {
    const phone = await phoneOf('Token');

    await phone.dial(number);

    await phone.says(words);
  });

  it('rings at noanswer and can be cancelled', async () => {
    const phone = await phoneOf('Token');

    await phone.dial('noanswer');
    await phone.says(/Ringing/);
    await phone.button('Hang up').click();

    await phone.says(/Call ended: cancelled/);
  });

  it('hears the ringing tone of slow before it answers', async () => {
    const phone = await phoneOf('Token');

    await phone.dial('slow');
    await phone.says(/Ringing|Calling/);
    const early = await phone.hear(4_500);
    const meanwhile = await phone.status.textContent();
    await phone.says(/In call with .*slow/);
    await phone.hangUp();

    expect(early.level).toBeGreaterThan(AUDIBLE_DB);
    expect(Math.abs(early.peakHz - 425)).toBeLessThan(TONE_TOLERANCE_HZ);
    expect(meanwhile).not.toContain('In call');
  });

  it.each(['pcma', 'pcmu'])('MED-4: talks to %s, which picks another codec', async (number) => {
    const phone = await phoneOf('Token');

    await phone.dial(number);
    await phone.says(new RegExp(`In call with .*${number}`));
    const [heard, spoken] = await Promise.all([phone.hear(), phone.speak()]);
    await phone.hangUp();

    expect(heard.level).toBeGreaterThan(AUDIBLE_DB);
    expect(Math.abs(heard.peakHz - spoken.peakHz)).toBeLessThan(TONE_TOLERANCE_HZ);
  });

  it.each(['IP-PBX', 'Token'])('is rung back by callme on %s and answers', async (option) => {
    const phone = await phoneOf(option, 1);

    await phone.dial('callme');
    await phone.says(/Call ended: hung up/);
    await phone.says(/Incoming call from .*callme/);
    await phone.button('Answer').click();
    await phone.says(/In call with .*callme/);
    const heard = await phone.hear();
    await phone.hangUp();

    expect(heard.level).toBeGreaterThan(AUDIBLE_DB);
  });

  it('declines a call, and the caller is told', async () => {
    const [caller, callee] = [await phoneOf('Token'), await phoneOf('Same credentials')];

    await caller.dial(await callee.impu());
    await callee.says(/Incoming call from/);
    await callee.button('Decline').click();

    await caller.says(/Call ended: declined/);
  });

  it.each([
    ['Token', 'IP-PBX'],
    ['IP-PBX', 'Same credentials'],
  ])('MED-1: two pages call each other, %s to %s', async (from, to) => {
    const [caller, callee] = [await phoneOf(from), await phoneOf(to)];

    await caller.dial(await callee.impu());
    await callee.says(`Incoming call from ${await caller.impu()}`);
    await callee.button('Answer').click();
    await Promise.all([caller.says(/In call with/), callee.says(/In call with/)]);
    const [far, near] = await Promise.all([caller.hear(), callee.hear()]);
    await callee.hangUp();
    await caller.says(/Call ended: hung up/);

    expect(far.level).toBeGreaterThan(AUDIBLE_DB);
    expect(near.level).toBeGreaterThan(AUDIBLE_DB);
  });

  it('a caller who gives up leaves no ringing behind', async () => {
    const [caller, callee] = [await phoneOf('Token'), await phoneOf('IP-PBX')];

    await caller.dial(await callee.impu());
    await callee.says(/Incoming call from/);
    await caller.button('Hang up').click();

    await callee.says(/Call ended: cancelled/);
  });

  it('a second caller meets busy', async () => {
    // Nobody else's user: a page that another test closed would still ring, as a second device.
    const [busy, caller] = [await phoneOf('Same credentials', 1), await phoneOf('Token', 1)];
    await busy.dial('echo');
    await busy.says(/In call with .*echo/);

    await caller.dial(await busy.impu());

    await caller.says(/Call ended: busy/);
    await busy.says(/In call with .*echo/);
  });

  it('a user who logged out cannot be reached', async () => {
    const [gone, caller] = [await phoneOf('IP-PBX', 1), await phoneOf('Token')];
    const impu = await gone.impu();
    await gone.logOut();

    await caller.dial(impu);

    await caller.says(/Call ended: unavailable/);
  });

  it('SEC-1: a wrong password is refused in words', async () => {
    const phone = await PhonePage.open(browser, isthmus.url);
    open.push(phone);
    const user = userOf('Token');

    const refused = phone.logIn({ ...user, password: 'wrong' }).catch(() => undefined);
    await phone.page
      .getByRole('alert')
      .filter({ hasText: /not right/ })
      .waitFor();
    await phone.close();
    open = [];
    await refused;
  });
});

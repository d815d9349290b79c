import type { Browser } from 'playwright-core';
import { type IsthmusProcess, type PrintedUser, startIsthmus } from './support/isthmus-process.ts';
import { launchChromium, PhonePage } from './support/phone-page.ts';

const AUDIBLE_DB = -60;

let isthmus: IsthmusProcess;
let browser: Browser;

beforeAll(async () => {
  [isthmus, browser] = await Promise.all([startIsthmus(), launchChromium()]);
});
afterAll(async () => {
  await browser.close();
  await isthmus.stop();
});

describe.each(['IP-PBX', 'Same credentials', 'Token'])(
  'REG-11: two pages of one user by %s',
  (option) => {
    let desk: PhonePage;
    let mobile: PhonePage;
    let caller: PhonePage;

    const pageOf = async (user: PrintedUser | undefined): Promise<PhonePage> => {
      if (!user) throw new Error('there are too few users');
      const phone = await PhonePage.open(browser, isthmus.url);
      await phone.logIn(user);
      return phone;
    };
    const usersBy = (wanted: string): readonly PrintedUser[] =>
      isthmus.users.filter((it) => it.option === wanted);

    beforeEach(async () => {
      const [user, other] = usersBy(option);
      [desk, mobile, caller] = await Promise.all([pageOf(user), pageOf(user), pageOf(other)]);
    });
    afterEach(async () => {
      await Promise.all([desk, mobile, caller].map((it) => it.close()));
    });

    const callBoth = async (): Promise<void> => {
      await caller.dial(await desk.impu());
      await Promise.all([desk, mobile].map((it) => it.says(/Incoming call from/)));
    };

    it('both ring; the one that answers talks, the other stops and is told why', async () => {
      expect(await mobile.impu()).toBe(await desk.impu());

      await callBoth();
      await mobile.button('Answer').click();
      await desk.says(/Call ended: answered on another device: Chrome on Linux/);
      await Promise.all([mobile, caller].map((it) => it.says(/In call with/)));
      const heard = await mobile.hear();
      await expect(desk.button('Answer').isVisible()).resolves.toBe(false);
      await mobile.hangUp();
      await caller.says(/Call ended: hung up/);

      expect(heard.level).toBeGreaterThan(AUDIBLE_DB);
      expect([...desk.errors, ...mobile.errors]).toEqual([]);
    });

    it('a caller who gives up silences both', async () => {
      await callBoth();
      await caller.button('Hang up').click();

      await Promise.all([desk, mobile].map((it) => it.says(/Call ended: cancelled/)));
    });

    it('who declines on one declines on both', async () => {
      await callBoth();
      await desk.button('Decline').click();

      await caller.says(/Call ended: declined/);
      await mobile.says(/Call ended/);
      await expect(mobile.button('Answer').isVisible()).resolves.toBe(false);
    });

    it('rings the other still where one has logged out', async () => {
      const impu = await desk.impu();
      await desk.logOut();

      await caller.dial(impu);
      await mobile.says(/Incoming call from/);
      await mobile.button('Decline').click();

      await caller.says(/Call ended: declined/);
    });
  },
);

import type { Browser } from 'playwright-core';
import { type EchoClock, roundTripMs } from './support/echo-clock.ts';
import { type IsthmusProcess, startIsthmus } from './support/isthmus-process.ts';
import { launchChromium, PhonePage } from './support/phone-page.ts';

const ROUND_TRIP_MS = 300;

let isthmus: IsthmusProcess;
let browser: Browser;

beforeAll(async () => {
  [isthmus, browser] = await Promise.all([startIsthmus(), launchChromium()]);
});
afterAll(async () => {
  await browser.close();
  await isthmus.stop();
});

describe('CLI-2: the page in a call', () => {
  it.each(['IP-PBX', 'Same credentials', 'Token'])(
    'by %s hears its echo within 300 ms',
    async (option) => {
      const phone = await PhonePage.open(browser, isthmus.url);
      const user = isthmus.users.find((it) => it.option === option);
      if (!user) throw new Error(`there is no user of ${option}`);
      await phone.logIn(user);
      await phone.dial('echo');
      await phone.says(/In call with .*echo/);

      const echo: EchoClock = await phone.page.evaluate(roundTripMs, { listenMs: 4_000 });
      await phone.hangUp();
      await phone.close();

      expect(echo.beeps).toBeGreaterThan(2);
      expect(echo.medianMs).toBeLessThan(ROUND_TRIP_MS);
    },
  );
});

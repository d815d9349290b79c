import type { Browser } from 'playwright-core';
import { type IsthmusProcess, type PrintedUser, startIsthmus } from './support/isthmus-process.ts';
import { launchChromium, PhonePage } from './support/phone-page.ts';

const AUDIBLE_DB = -60;

describe('CLI-2, SES-5, MED-9: video on the softphone page', () => {
  let isthmus: IsthmusProcess;
  let browser: Browser;
  let open: PhonePage[] = [];

  beforeAll(async () => {
    [isthmus, browser] = await Promise.all([startIsthmus(), launchChromium()]);
  });

  afterEach(async () => {
    const errors = open.flatMap((phone) => phone.errors);
    await Promise.all(open.map((phone) => phone.close()));
    open = [];
    expect(errors).toEqual([]);
  });

  afterAll(async () => {
    await browser.close();
    await isthmus.stop();
  });

  const userOf = (option: string): PrintedUser => {
    const user = isthmus.users.find((it) => it.option === option);
    if (!user) throw new Error(`no user for ${option}`);
    return user;
  };
  const phoneOf = async (option: string): Promise<PhonePage> => {
    const phone = await PhonePage.open(browser, isthmus.url);
    open.push(phone);
    await phone.logIn(userOf(option));
    return phone;
  };

  it('a video call shows what the other side sends, and the camera goes off and on in it', async () => {
    const phone = await phoneOf('Token');

    await phone.dial('video', 'Video call');
    await phone.says(/In call with .*video/);
    const seen = await phone.sees('Picture of the other side');
    const own = await phone.sees('Your own picture');
    const heard = await phone.hear();

    expect(seen.width).toBeGreaterThan(0);
    expect(own.width).toBeGreaterThan(0);
    expect(heard.level).toBeGreaterThan(AUDIBLE_DB);
    expect(await phone.isPressed('Camera')).toBe(true);
    await phone.button('Devices').click();
    await phone.page.getByRole('combobox', { name: 'Camera' }).selectOption({ index: 1 });
    await phone.page.getByText('Saved').waitFor();
    await phone.sees('Your own picture');
    await phone.sees('Picture of the other side');
    await phone.button('Numbers').click();
    const numbers = phone.page.getByRole('region', { name: 'Numbers of the call' });
    await numbers.getByRole('row', { name: /^Video (VP8|H264) (VP8|H264)/ }).waitFor();
    await numbers.getByRole('row', { name: /^Your picture: lost \d+ %/ }).waitFor();

    await phone.button('Camera').click();
    await phone.picture('Your own picture').waitFor({ state: 'hidden' });
    await phone.picture('Picture of the other side').waitFor({ state: 'hidden' });
    expect(await phone.isPressed('Camera')).toBe(false);

    await phone.button('Camera').click();
    await phone.sees('Your own picture');
    const again = await phone.sees('Picture of the other side');
    expect(again.width).toBeGreaterThan(0);
    await phone.hangUp();
    expect(await phone.picture('Your own picture').isVisible()).toBe(false);
  });

  it('by keyboard: video is added to a call of voice, taken away again, and the voice goes on', async () => {
    const phone = await phoneOf('IP-PBX');
    await phone.dial('video');
    await phone.says(/In call with .*video/);
    expect(await phone.picture('Picture of the other side').isVisible()).toBe(false);
    expect(await phone.button('End video').isVisible()).toBe(false);

    await phone.button('Camera').press('Enter');
    await phone.sees('Picture of the other side');
    await phone.button('End video').press('Enter');
    await phone.picture('Picture of the other side').waitFor({ state: 'hidden' });
    await phone.picture('Your own picture').waitFor({ state: 'hidden' });
    const heard = await phone.hear();

    expect(heard.level).toBeGreaterThan(AUDIBLE_DB);
    expect(await phone.isPressed('Camera')).toBe(false);
    await phone.hangUp();
  });

  it('video that the other side adds waits for the camera, and is refused by nobody', async () => {
    const phone = await phoneOf('Token');
    await phone.dial('addvideo');
    await phone.says(/In call with .*addvideo/);

    await phone.button('End video').waitFor();
    expect(await phone.isPressed('Camera')).toBe(false);
    await phone.button('Camera').click();

    const seen = await phone.sees('Picture of the other side');
    expect(seen.width).toBeGreaterThan(0);
    await phone.hangUp();
  });

  it('two users see each other', async () => {
    const [amira, dora] = [await phoneOf('IP-PBX'), await phoneOf('Same credentials')];

    await amira.dial(await dora.impu(), 'Video call');
    await dora.button('Answer with video').click();
    await Promise.all([amira.says(/In call/), dora.says(/In call/)]);

    for (const phone of [amira, dora]) {
      const seen = await phone.sees('Picture of the other side');
      expect(seen.width).toBeGreaterThan(0);
    }
    await dora.button('Camera').click();
    await amira.picture('Picture of the other side').waitFor({ state: 'hidden' });
    await dora.sees('Picture of the other side');
    await amira.hangUp();
  });

  it('without a camera a video call is one of voice, and the alert says why', async () => {
    const phone = await phoneOf('Token');
    await phone.page.evaluate(() => {
      const devices = navigator.mediaDevices;
      const ask = devices.getUserMedia.bind(devices);
      devices.getUserMedia = (constraints) =>
        constraints?.video
          ? Promise.reject(new DOMException('no', 'NotFoundError'))
          : ask(constraints);
    });

    await phone.dial('video', 'Video call');
    await phone.says(/In call with .*video/);

    await phone.page
      .getByRole('alert')
      .filter({ hasText: /camera cannot be used/ })
      .waitFor();
    expect((await phone.hear()).level).toBeGreaterThan(AUDIBLE_DB);
    await phone.hangUp();
  });
});

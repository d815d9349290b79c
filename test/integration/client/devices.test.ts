import type { Browser } from 'playwright-core';
import { launchChromium } from '../../e2e/support/phone-page.ts';
import { until } from '../../support/until.ts';
import { closeScene, openScene, type Scene, talk } from './scene.ts';

const ALICE = { option: 'Token', userName: 'alice', password: 'secret' };

interface Asked extends Window {
  /** Every stream of a microphone or a camera the page asked for, with what it wanted. */
  asked?: { readonly wanted: MediaStreamConstraints; readonly stream: MediaStream }[];
}

/** The browser has a standard microphone and two others, which it names so. */
const FIRST = 'Fake Audio Input 1';
const SECOND = 'Fake Audio Input 2';

let browser: Browser;
let scene: Scene;

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
});
beforeEach(async () => {
  scene = await openScene(browser);
  await scene.phone.page.evaluate(() => {
    const { mediaDevices } = navigator;
    const ask = mediaDevices.getUserMedia.bind(mediaDevices);
    const asked: NonNullable<Asked['asked']> = [];
    (window as Asked).asked = asked;
    mediaDevices.getUserMedia = async (wanted = {}) => {
      const stream = await ask(wanted);
      asked.push({ wanted, stream: new MediaStream(stream.getTracks()) });
      return stream;
    };
  });
  await scene.phone.logIn(ALICE);
});
afterEach(async () => {
  expect(await closeScene(scene)).toEqual([]);
});

const box = (name: string) => scene.phone.page.getByRole('combobox', { name, exact: true });
const chosen = (name: string): Promise<string> =>
  box(name).evaluate((node) => (node as HTMLSelectElement).selectedOptions[0]?.text ?? '');
const saved = (): Promise<void> => scene.phone.page.getByText('Saved').waitFor();
const openDevices = (): Promise<void> => scene.phone.button('Devices').click();

/** Of the microphones asked for, one after the other. */
const microphones = () =>
  scene.phone.page.evaluate(() =>
    ((window as Asked).asked ?? []).flatMap(({ stream }) =>
      stream.getAudioTracks().map(({ label, readyState }) => ({ label, readyState })),
    ),
  );
const isHeardAnew = async (): Promise<void> => {
  const { energy } = await scene.far.heard();
  await until(async () => (await scene.far.heard()).energy > energy + 1e-4);
};

describe('CLI-1, CLI-2: choice of devices', () => {
  it('lists what the browser has, and begins as the system is set', async () => {
    await openDevices();

    await until(async () => (await box('Microphone').locator('option').count()) > 1);
    expect(await box('Microphone').locator('option').allTextContents()).toEqual([
      ...['As the system is set', FIRST, SECOND],
    ]);
    expect(await box('Speaker').locator('option').allTextContents()).toContain(
      'Fake Audio Output 1',
    );
    expect(await box('Camera').locator('option').count()).toBe(2);
    expect(await chosen('Microphone')).toBe('As the system is set');
  });

  it('speaks into another microphone in the middle of a call, and lets the one before go', async () => {
    await talk(scene);
    await isHeardAnew();
    await openDevices();

    await box('Microphone').selectOption(SECOND);
    await saved();
    await isHeardAnew();

    const [before, now, ...others] = await microphones();
    expect(before?.label).not.toBe(SECOND);
    expect(before?.readyState).toBe('ended');
    expect(now).toEqual({ label: SECOND, readyState: 'live' });
    expect(others).toEqual([]);
  });

  it('stays muted with another microphone', async () => {
    await talk(scene);
    await isHeardAnew();
    await scene.phone.button('Mute').click();
    await openDevices();

    await box('Microphone').selectOption(FIRST);
    await saved();
    await new Promise((resolve) => setTimeout(resolve, 600));
    const { energy } = await scene.far.heard();
    await new Promise((resolve) => setTimeout(resolve, 1_500));

    expect((await scene.far.heard()).energy - energy).toBeLessThan(1e-4);
    await scene.phone.button('Mute').click();
    await isHeardAnew();
  });

  it('goes on with that of the system where the chosen one is unplugged', async () => {
    await openDevices();
    await box('Microphone').selectOption(SECOND);
    await saved();
    await talk(scene);
    await isHeardAnew();

    await scene.phone.page.evaluate(() => {
      const [track] = (window as Asked).asked?.at(-1)?.stream.getTracks() ?? [];
      track?.stop();
      // A page hears of it so; a fake device cannot be pulled out.
      track?.dispatchEvent(new Event('ended'));
    });
    await until(async () => (await microphones()).length === 2);
    await isHeardAnew();

    const [before, now, ...others] = await microphones();
    expect(before).toEqual({ label: SECOND, readyState: 'ended' });
    expect(now?.label).not.toBe(SECOND);
    expect(now?.readyState).toBe('live');
    expect(others).toEqual([]);
  });

  it('is heard from another speaker, and the choice outlives the page', async () => {
    const sink = (): Promise<string> =>
      scene.phone.page.locator('#remote').evaluate((node) => (node as HTMLAudioElement).sinkId);
    await openDevices();
    await box('Speaker').selectOption('Fake Audio Output 1');
    await saved();
    const id = await box('Speaker').inputValue();

    expect(await sink()).toBe(id);
    await scene.phone.page.reload();
    await until(async () => (await sink()) === id);
  });

  it('says so where a device cannot be used, and keeps the one it had', async () => {
    await talk(scene);
    await openDevices();
    await scene.phone.page.evaluate(() => {
      navigator.mediaDevices.getUserMedia = () =>
        Promise.reject(new DOMException('it is taken', 'NotReadableError'));
    });

    await box('Microphone').selectOption(FIRST);

    await scene.phone.page.getByText('This device cannot be used. Choose another.').waitFor();
    await until(async () => (await chosen('Microphone')) === 'As the system is set');
    await isHeardAnew();
  });
});

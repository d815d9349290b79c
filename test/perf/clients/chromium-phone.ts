import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../../e2e/support/phone-page.ts';
import type { Product } from '../product.ts';
import { userOf } from '../world.ts';
import type { Marks, NearPhone } from './near-phone.ts';

const WAIT = { timeout: 15_000 };

/** A user's browser: headless Chromium with the SDK. */
export class ChromiumPhone implements NearPhone {
  readonly impu: string;
  readonly #browser: Browser;
  readonly #page: Page;

  private constructor(browser: Browser, page: Page, impu: string) {
    this.#browser = browser;
    this.#page = page;
    this.impu = impu;
  }

  static async open({ origin, url }: Product, index: number): Promise<ChromiumPhone> {
    const browser = await launchChromium();
    const context = await browser.newContext({ permissions: ['microphone'] });
    const page = await context.newPage();
    // From a server, not from the test: pages without an address may not reach loopback.
    await page.goto(origin);
    await page.addScriptTag({ content: await bundle(), type: 'module' });
    await page.waitForFunction(() => 'bench' in window, undefined, WAIT);
    const user = userOf(index);
    await page.evaluate((given) => window.bench.open(given.url, given.user), { url, user });
    return new ChromiumPhone(browser, page, user.userName);
  }

  async dial(target: string): Promise<void> {
    await this.#page.evaluate((to) => {
      window.bench.dial(to);
    }, target);
  }

  async incoming(): Promise<void> {
    await this.#reaches('incoming');
  }

  async accept(): Promise<void> {
    await this.#page.evaluate(() => {
      window.bench.accept();
    });
  }

  async heard(): Promise<void> {
    await this.#reaches('active');
  }

  async hangUp(): Promise<void> {
    await this.#page.evaluate(() => {
      window.bench.hangUp();
    });
    await this.#reaches('ended');
  }

  marks(): Promise<Marks> {
    return this.#page.evaluate(() => window.bench.marks());
  }

  firstAudioAtMs(): Promise<number | undefined> {
    return this.#page.evaluate(() => window.bench.firstAudioAtMs());
  }

  received(): Promise<number> {
    return this.#page.evaluate(() => window.bench.received());
  }

  close(): Promise<void> {
    return this.#browser.close();
  }

  async #reaches(phase: string): Promise<void> {
    await this.#page.waitForFunction((name) => window.bench.phase() === name, phase, WAIT);
  }
}

async function bundle(): Promise<string> {
  const entry = fileURLToPath(new URL('./page-script.ts', import.meta.url));
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    format: 'esm',
    target: 'es2023',
    write: false,
  });
  return outputFiles[0]?.text ?? '';
}

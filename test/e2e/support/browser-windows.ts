import type { Browser, BrowserContext, Page } from 'playwright-core';

/** Those that show nothing: to draw a new one costs more than the call that is made in it. */
const free = new WeakMap<Browser, BrowserContext[]>();

function freeOf(browser: Browser): BrowserContext[] {
  const there = free.get(browser) ?? [];
  free.set(browser, there);
  return there;
}

async function openWindow(browser: Browser): Promise<BrowserContext> {
  const window = await browser.newContext({ permissions: ['microphone', 'camera'] });
  // A window closes with its last tab.
  await window.newPage();
  return window;
}

/** A fresh page, in front in a window of its own. */
export async function openTab(browser: Browser): Promise<Page> {
  const window = freeOf(browser).pop() ?? (await openWindow(browser));
  return window.newPage();
}

/** Its window waits for the next, who finds nothing of it. */
export async function closeTab(page: Page): Promise<void> {
  await page
    .evaluate(() => {
      localStorage.clear();
    })
    .catch(() => undefined);
  await page.close();
  const window = page.context();
  const browser = window.browser();
  if (browser) freeOf(browser).push(window);
}

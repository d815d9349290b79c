import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { launchChromium } from '../../e2e/support/phone-page.ts';
import { ImpairmentRelay } from '../../support/impairment-relay.ts';
import type { Core } from '../cores.ts';
import { startJanus } from '../peers/janus.ts';
import { DOMAIN } from '../world.ts';
import type { NearSide } from './near-side.ts';

const HOST = '127.0.0.1';
const SEED = 5;
/** A user name with a domain would make Janus write a Contact of two @. */
export const JANUS_USER = {
  impu: `sip:janus0@${DOMAIN}`,
  impi: 'janus0',
  password: 'for a benchmark',
  domain: DOMAIN,
  impus: [`sip:janus0@${DOMAIN}`],
};

/** Janus' SIP plugin at the same core, a page of Chromium that speaks with it. */
export async function startJanusSide(core: Core, oneWayMs: number): Promise<NearSide> {
  const janus = await startJanus();
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end('<!doctype html><title>janus</title>');
  });
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  const browser = await launchChromium();
  const context = await browser.newContext({ permissions: ['microphone'] });
  const page = await context.newPage();
  const relays: ImpairmentRelay[] = [];
  await page.exposeFunction('wayTo', async (address: string, port: number) => {
    if (oneWayMs === 0) return port;
    if (port === 0) return 1;
    const delay = { delayMs: oneWayMs };
    const relay = await ImpairmentRelay.open({
      ...{ target: { address, port }, listen: { address, port: 0 } },
      ...{ speakFrom: address, seed: SEED, toTarget: delay, fromTarget: delay },
    });
    relays.push(relay);
    return relay.port;
  });
  await page.goto(`http://localhost:${String((server.address() as AddressInfo).port)}/`);
  await page.addScriptTag({ content: await script(), type: 'module' });
  await page.waitForFunction(() => 'janus' in window);
  const { host, port } = core.pcscf;
  const register = {
    ...{ username: JANUS_USER.impu, authuser: JANUS_USER.impi, secret: JANUS_USER.password },
    ...{ proxy: `sip:${DOMAIN}`, outbound_proxy: `sip:${host}:${String(port)}` },
  };
  await page.evaluate((given) => window.janus.open(given.url, given.register), {
    url: janus.url,
    register,
  });
  return {
    subject: 'Janus, its page in Chromium',
    dial: (target) => page.evaluate((to) => window.janus.dial(to), target),
    async heard() {
      await page.evaluate(() => window.janus.heard());
      return (await page.evaluate(() => window.janus.firstAudioAtMs())) ?? Number.NaN;
    },
    received: () => page.evaluate(() => window.janus.received()),
    hangUp: () => page.evaluate(() => window.janus.hangUp()),
    async close() {
      await browser.close();
      await janus.stop();
      server.close();
      await Promise.all(relays.map((relay) => relay.close()));
    },
  };
}

async function script(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('./janus-page.ts', import.meta.url))],
    ...{ bundle: true, format: 'esm', target: 'es2023', write: false },
  });
  return outputFiles[0]?.text ?? '';
}

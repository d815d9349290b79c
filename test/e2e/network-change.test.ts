import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { type Stack, startStack } from '../../local/src/stack.ts';
import { throughRelay } from '../integration/media/through-relay.ts';
import { CHEAP_PASSWORDS } from '../support/cheap-passwords.ts';
import type { ImpairmentRelay } from '../support/impairment-relay.ts';
import { noLog } from '../support/node-no-log.ts';
import { launchChromium, PhonePage } from './support/phone-page.ts';

const AUDIBLE_DB = -60;

let dataDir: string;
let stack: Stack;
let browser: Browser;
/** The networks its media has come through, the present one last. */
const networks: ImpairmentRelay[] = [];

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'isthmus-network-'));
  stack = await startStack({ port: 0, dataDir, log: noLog, passwordCost: CHEAP_PASSWORDS });
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  await stack.close();
  for (const relay of networks) await relay.close();
  await rm(dataDir, { recursive: true, force: true });
});

/** Media of the page finds its way through a relay; each description of the node makes a new one. */
async function behindRelays(page: Page): Promise<void> {
  await page.exposeFunction('throughRelay', async (sdp: string) => {
    const network = await throughRelay(sdp);
    networks.push(network.relay);
    return network.sdp;
  });
  await page.addInitScript(() => {
    const { prototype } = RTCPeerConnection;
    // The node learns of the page's addresses by checks alone: there is no way around the relay.
    Object.defineProperty(prototype, 'onicecandidate', { set: () => undefined, get: () => null });
    const name = 'setRemoteDescription';
    const take = Object.getOwnPropertyDescriptor(prototype, name)?.value as (
      this: RTCPeerConnection,
      description: RTCSessionDescriptionInit,
    ) => Promise<void>;
    Object.defineProperty(prototype, name, {
      async value(this: RTCPeerConnection, { type, sdp = '' }: RTCSessionDescriptionInit) {
        const { throughRelay: through } = window as unknown as {
          throughRelay: (sdp: string) => Promise<string>;
        };
        await take.call(this, { type, sdp: await through(sdp) });
      },
    });
  });
}

describe('SES-8 and CLI-2: a page that loses its network in a call', () => {
  it('says that it reconnects, and is heard again; the other side sees no more than a gap', async () => {
    const phone = await PhonePage.open(
      browser,
      `http://localhost:${String(stack.port)}`,
      behindRelays,
    );
    const user = stack.world.users.find(({ option }) => option === 'token');
    if (!user) throw new Error('no user');
    await phone.logIn({ option: 'Token', userName: user.userName, password: user.password });
    await phone.dial('echo');
    await phone.says(/In call with .*echo/);
    const before = await phone.hear();

    const lost = networks.at(-1);
    if (lost) lost.isCut = true;
    await phone.says(/Reconnecting the call with .*echo/);
    await phone.page.getByText('Reconnecting …').waitFor();
    await phone.says(/In call with .*echo/);
    const after = await phone.hear();

    expect(networks.length).toBeGreaterThan(1);
    expect([before, after].every(({ level }) => level > AUDIBLE_DB)).toBe(true);
    expect(stack.simulator?.calls().map(({ state }) => state)).toEqual(['established']);
    expect(phone.errors).toEqual([]);
    await phone.hangUp();
  });
});

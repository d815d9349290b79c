import type { Browser } from 'playwright-core';
import { PhonePage } from '../../e2e/support/phone-page.ts';
import { until } from '../../support/until.ts';
import { FarPeer } from './far-peer.ts';
import { ScriptedService } from './scripted-service.ts';

/** The page, a service in the hands of the test, and who is heard through it. */
export interface Scene {
  readonly service: ScriptedService;
  readonly phone: PhonePage;
  readonly far: FarPeer;
}

export async function openScene(browser: Browser): Promise<Scene> {
  const service = await ScriptedService.start();
  const far = await FarPeer.start(browser, service.url);
  const phone = await PhonePage.open(browser, service.url);
  service.answer('call.start', async ({ sdp }) => ({ sdp: await far.answer(sdp) }));
  service.answer('call.candidate', async ({ candidates }) => {
    await far.addCandidates(candidates);
    return {};
  });
  service.answer('call.ring', async ({ sdp }) => {
    await far.takeAnswer(sdp);
    return {};
  });
  return { service, phone, far };
}

/** Resolves with all that went wrong unseen. */
export async function closeScene({ service, phone, far }: Scene): Promise<readonly unknown[]> {
  const failures = [...phone.errors, ...service.failures];
  await phone.close();
  await service.close();
  await far.close();
  return failures;
}

/** Places a call to echo and has it answered; resolves with its id. */
export async function talk({ service, phone, far }: Scene): Promise<string> {
  await phone.dial('echo');
  await until(() => service.of('call.start').length === 1);
  const callId = service.of('call.start')[0]?.callId ?? '';
  service.push({ event: 'call.progress', callId, state: 'ringing' });
  await phone.says(/Registered as sip:alice@ims\.example · Ringing/);
  await until(async () => (await far.connection()) === 'connected');
  service.push({ event: 'call.answered', callId });
  await phone.says(/In call with echo/);
  return callId;
}

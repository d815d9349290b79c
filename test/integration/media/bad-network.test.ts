import { readCandidate } from '../../../media-node/src/core/sdp/candidate.ts';
import type { CallMedia } from '../../../media-node/src/ports/call-media.ts';
import type { MediaEvent } from '../../../media-node/src/ports/media-plane.ts';
import type { IwfError } from '../../../shared/src/errors/iwf-error.ts';
import type { Result } from '../../../shared/src/result.ts';
import { ImpairmentRelay } from '../../support/impairment-relay.ts';
import { aMediaNode, type MediaNode } from './a-media-node.ts';
import { ChromiumPhone } from './chromium.ts';
import { ImsEcho } from './ims-echo.ts';

const BAD = {
  lossShare: 0.03,
  bursts: { share: 0.005, packets: 3 },
  delayMs: 40,
  jitterMs: 20,
  reorderShare: 0.02,
};

function taken<T>(result: Result<T, IwfError>): T {
  if (!result.ok) throw result.error;
  return result.value;
}

let phone: ChromiumPhone;
let node: MediaNode;
let echo: ImsEcho;
let call: CallMedia | undefined;
let relay: ImpairmentRelay | undefined;

beforeAll(async () => {
  phone = await ChromiumPhone.open();
  node = await aMediaNode();
  echo = await ImsEcho.open();
});
afterAll(async () => {
  await phone.hangUp();
  await call?.close();
  await relay?.close();
  echo.close();
  await phone.close();
  await node.plane.close();
});

/** The browser finds the relay where the node was, and the node only what comes through it. */
async function through(accessAnswer: string): Promise<string> {
  const line = /^a=(candidate:.*)$/m.exec(accessAnswer)?.[1] ?? '';
  const candidate = readCandidate(line.trim());
  if (!candidate) throw new Error('the node named no candidate');
  const { address, port } = candidate;
  relay = await ImpairmentRelay.open({
    target: { address, port },
    listen: { address: '127.0.0.1', port: 0 },
    speakFrom: '127.0.0.2',
    ...{ seed: 20_261, toTarget: BAD, fromTarget: BAD },
  });
  return accessAnswer.replaceAll(
    ` ${address} ${String(port)} `,
    ` 127.0.0.1 ${String(relay.port)} `,
  );
}

describe('MED-6, MED-10 and MED-13: a call through a bad network', () => {
  it('is set up, is heard at both ends, and its loss is told', async () => {
    const events: MediaEvent[] = [];
    await phone.connect();
    call = node.media.create({ callId: 'call-0001', codecs: ['PCMA'] }, (it) => events.push(it));
    const offered = taken(await call.takeBrowserOffer(await phone.offer()));

    await phone.takeAnswer(await through(offered.accessAnswer));
    await phone.waitUntilConnected();
    call.setGate({ toIms: true, toBrowser: true });
    taken(call.takeImsAnswer(echo.sdp(['8'])));
    const heard = await phone.hear(250);

    const { access, ims } = call.stats();
    expect(events.map((it) => it.kind)).toContain('access-connected');
    expect(heard.energy).toBeGreaterThan(0);
    expect(relay?.lost).toBeGreaterThan(10);
    // Of 300 and more packets each way 3 in 100 and more are gone, on the access leg alone.
    expect(access.packetsLost).toBeGreaterThan(2);
    expect(access.packetsLost).toBeLessThan(access.packetsReceived / 4);
    expect(heard.lost).toBeGreaterThan(2);
    expect(ims.packetsReceived).toBeGreaterThan(250);
    expect(events.map((it) => it.kind)).not.toContain('consent-lost');
  });
});

import { numbersOfMedia } from '../../../media-node/src/core/quality/leg-numbers.ts';
import type { CallMedia } from '../../../media-node/src/ports/call-media.ts';
import type { MediaEvent } from '../../../media-node/src/ports/media-plane.ts';
import type { IwfError } from '../../../shared/src/errors/iwf-error.ts';
import type { Result } from '../../../shared/src/result.ts';
import type { Impairment } from '../../support/impairment.ts';
import type { ImpairmentRelay } from '../../support/impairment-relay.ts';
import { aMediaNode, type MediaNode } from './a-media-node.ts';
import { aPhoneAway, BAD, type PhoneAway } from './bad-path.ts';
import type { ChromiumPhone } from './chromium.ts';
import { ImsEcho } from './ims-echo.ts';
import { throughRelay, withoutCandidates } from './through-relay.ts';

function taken<T>(result: Result<T, IwfError>): T {
  if (!result.ok) throw result.error;
  return result.value;
}

let away: PhoneAway;
let phone: ChromiumPhone;
let node: MediaNode;
let echo: ImsEcho;
const calls: CallMedia[] = [];
const relays: ImpairmentRelay[] = [];

beforeAll(async () => {
  away = await aPhoneAway();
  phone = away.phone;
  node = await aMediaNode();
  echo = await ImsEcho.open();
});
afterAll(async () => {
  await phone.hangUp();
  await Promise.all([...calls, ...relays].map((it) => it.close()));
  echo.close();
  await away.close();
  await node.plane.close();
});

/** A call with the echo, until the browser has heard so many packets of it. */
async function aCall(network: Impairment, packets: number) {
  const events: MediaEvent[] = [];
  await phone.connect();
  const call = node.media.create({ callId: 'call-0001', codecs: ['PCMA'] }, (it) => {
    events.push(it);
  });
  calls.push(call);
  const offer = withoutCandidates(await phone.offer());
  const offered = taken(await call.takeBrowserOffer(offer));
  const { relay, sdp } = await throughRelay(offered.accessAnswer, network, away.network.here);
  relays.push(relay);
  await phone.takeAnswer(sdp);
  await phone.waitUntilConnected();
  call.setGate({ toIms: true, toBrowser: true });
  taken(call.takeImsAnswer(echo.sdp(['8'])));
  return { call, events, heard: await phone.hear(packets), relay };
}

const numbersOf = (call: CallMedia) => numbersOfMedia(call.stats(), call.codecs(), 'begin');

/** The browser has answered a report of the node, and missed something. */
function isReported(call: CallMedia): boolean {
  const { far, roundTripMs } = call.stats().access;
  return roundTripMs !== undefined && (far?.packetsLost ?? 0) > 0;
}

describe('MED-6, MED-10 and MED-13: a call through a bad network', () => {
  it('is set up, is heard at both ends, and its loss is told', async () => {
    const { call, events, heard, relay } = await aCall(BAD, 250);
    while (!isReported(call)) await phone.wait(50);

    const { access, ims } = call.stats();
    expect(events.map((it) => it.kind)).toContain('access-connected');
    expect(heard.energy).toBeGreaterThan(0);
    expect(await phone.remoteAddress()).toBe(away.network.here);
    expect(relay.lost).toBeGreaterThan(10);
    // Of 300 and more packets each way 3 in 100 and more are gone, on the access leg alone.
    expect(access.packetsLost).toBeGreaterThan(2);
    expect(access.packetsLost).toBeLessThan(access.packetsReceived / 4);
    expect(heard.lost).toBeGreaterThan(2);
    expect(ims.packetsReceived).toBeGreaterThan(250);
    expect(events.map((it) => it.kind)).not.toContain('consent-lost');
    // There are 20 to 60 ms each way.
    expect(access.roundTripMs).toBeGreaterThan(38);
    expect(access.jitterMs).toBeGreaterThan(2);
    expect(numbersOf(call).access.far?.mos).toBeLessThan(4.4);
  });

  it('sounds the worse the more is lost', async () => {
    const scores: number[] = [];
    for (const lossShare of [0, 0.06, 0.25]) {
      const { call } = await aCall({ lossShare }, 100);
      scores.push(numbersOf(call).access.mos ?? Number.NaN);
      await phone.hangUp();
      await call.close();
    }

    const [none = 0, some = 0, much = 0] = scores;
    expect(none).toBeGreaterThan(4.2);
    expect(some).toBeLessThan(none - 0.2);
    expect(much).toBeLessThan(some - 0.5);
  });
});

import { imsTerms } from '../../../media-node/src/core/sdp/ims-terms.ts';
import type { CallMedia } from '../../../media-node/src/ports/call-media.ts';
import type { MediaEvent, SrtpSuite } from '../../../media-node/src/ports/media-plane.ts';
import type { MediaPolicy } from '../../../shared/src/store/media-policy.ts';
import { linesOf, taken } from '../../support/a-call-media.ts';
import { until } from '../../support/until.ts';
import { aMediaNode, type MediaNode } from './a-media-node.ts';
import { ChromiumPhone } from './chromium.ts';
import { SrtpPhone } from './srtp-phone.ts';

const OPEN = { toIms: true, toBrowser: true };

let browser: ChromiumPhone;
let node: MediaNode;
let phone: SrtpPhone;
let call: CallMedia;
let events: MediaEvent[];

beforeAll(async () => {
  browser = await ChromiumPhone.open();
  node = await aMediaNode();
});
afterAll(async () => {
  await browser.close();
  await node.plane.close();
});
afterEach(async () => {
  await browser.hangUp();
  await call.close();
  await phone.stop();
});

/** Voice both ways with nothing lost, on such terms; returns what the phone answered. */
async function talk(media: MediaPolicy): Promise<string> {
  events = [];
  const terms = imsTerms({ transport: 'udp', media });
  call = node.media.create({ callId: 'call-0001', codecs: ['PCMA'], terms }, (event) =>
    events.push(event),
  );
  await browser.connect();
  const offered = taken(await call.takeBrowserOffer(await browser.offer()));
  await browser.takeAnswer(offered.accessAnswer);
  call.addCandidates(await browser.candidates());
  await until(() => events.some((it) => it.kind === 'access-connected'));
  call.setGate(OPEN);

  const answer = await phone.call(offered.imsOffer);
  taken(call.takeImsAnswer(answer));
  // What came before the answer was heard of nobody yet, and before the keys by nobody.
  await browser.hear(2);
  const early = call.stats().ims.packetsDropped;
  const heard = await browser.hear(50);
  const dropped = call.stats().ims.packetsDropped - early;
  const counted = await phone.hangUp();

  expect(heard.codec).toBe('audio/PCMA');
  expect(heard.lost).toBe(0);
  expect(heard.energy).toBeGreaterThan(0);
  expect(dropped).toBe(0);
  expect(counted.received).toBeGreaterThan(25);
  return answer;
}

describe('MED-7: a Chromium that calls a baresip which demands SRTP by SDES', () => {
  beforeEach(async () => {
    phone = await SrtpPhone.start('srtp-mand');
  });

  it.each([
    'AES_CM_128_HMAC_SHA1_80',
    'AES_CM_128_HMAC_SHA1_32',
    'AEAD_AES_128_GCM',
    'AEAD_AES_256_GCM',
  ] as const)('talks and hears by %s, nothing lost', async (suite: SrtpSuite) => {
    const answer = await talk({ srtp: 'require', srtpKeysInClear: true, srtpSuites: [suite] });

    expect(linesOf(answer, 'a=crypto:')[0]).toMatch(new RegExp(`^a=crypto:1 ${suite} inline:`));
  });
});

describe('MED-7: a Chromium that calls a baresip which demands DTLS-SRTP', () => {
  beforeEach(async () => {
    phone = await SrtpPhone.start('dtls_srtp');
  });

  it('talks and hears on the portable plane, nothing lost', async () => {
    const answer = await talk({ srtp: 'require-dtls' });

    expect(linesOf(answer, 'm=')[0]).toMatch(/^m=audio \d+ UDP\/TLS\/RTP\/SAVP /);
    expect(linesOf(answer, 'a=setup:')).toEqual(['a=setup:active']);
  });
});

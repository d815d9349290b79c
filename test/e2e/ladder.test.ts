import type { Browser } from 'playwright-core';
import { type ImsLab, startImsLab } from '../support/ims-lab/ims-lab.ts';
import { openUeFlow } from '../support/ims-lab/open-ue-flow.ts';
import { runSipp, startSipp } from '../support/ims-lab/sipp.ts';
import { launchChromium, PhonePage } from './support/phone-page.ts';
import { type RealCoreStack, startOnRealCore } from './support/real-core.ts';

/** 3GPP TS 34.229-1 A.15, as it stands between Isthmus and IMS. */
const SET_UP = [
  ...['INVITE · SDP', '183 Session Progress · SDP', 'PRACK', '200 OK (PRACK)', 'UPDATE · SDP'],
  ...['200 OK (UPDATE) · SDP', '180 Ringing', 'PRACK', '200 OK (PRACK)', '200 OK', 'ACK'],
];

describe('OPS-5, SES-3: the ladder that the page draws of a call with preconditions', () => {
  let lab: ImsLab;
  let browser: Browser;
  let isthmus: RealCoreStack;

  beforeAll(async () => {
    const subscribers = [{ impi: 'sam@ims.test', password: 'pw-sam', impus: ['sip:sam@ims.test'] }];
    [lab, browser] = await Promise.all([startImsLab({ subscribers }), launchChromium()]);
    isthmus = await startOnRealCore(lab, { name: 'ladder', transport: 'tcp', trunkImpus: [] });
  });
  afterAll(async () => {
    await browser.close();
    await isthmus.close();
    await lab.stop();
  });

  it('shows each step of a real core’s, in order, and what was said in it', async () => {
    const sam = { lab, user: 'sam', flow: await openUeFlow(lab, 'udp') };
    await runSipp({ ...sam, scenario: 'register', password: 'pw-sam' });
    const callee = await startSipp({ ...sam, scenario: 'answer-preconditions' });
    const page = await PhonePage.open(browser, isthmus.url);
    await page.logIn(isthmus.user('Token'));
    await page.dial('sam');
    await page.says(/In call with .*sam/);

    await page.button('Trace').click();

    const ladder = page.page.getByRole('region', { name: 'Trace of the call' });
    const steps = ladder.getByRole('listitem');
    await steps.filter({ hasText: 'Isthmus to IMS: ACK' }).waitFor();
    const drawn = await steps.locator('summary').allTextContents();
    const ofIms = drawn.filter((it) => it.includes('IMS')).map((it) => it.replace(/^.*: /, ''));
    expect(ofIms.filter((it) => !it.startsWith('100 '))).toEqual(SET_UP);
    await steps
      .filter({ hasText: '183 Session Progress' })
      .getByText('183 Session')
      .first()
      .click();
    await ladder.getByText('a=curr:qos local none').waitFor();
    await page.hangUp();
    // It would wait for the session to be refreshed.
    await callee.kill();
    sam.flow.close();
    await page.close();
  });
});

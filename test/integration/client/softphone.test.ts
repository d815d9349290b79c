import type { Browser } from 'playwright-core';
import { launchChromium, type PhonePage } from '../../e2e/support/phone-page.ts';
import { until } from '../../support/until.ts';
import type { FarPeer } from './far-peer.ts';
import { closeScene, openScene, talk as talkIn } from './scene.ts';
import type { ScriptedService } from './scripted-service.ts';

const ALICE = { option: 'Token', userName: 'alice', password: 'secret' };

let browser: Browser;
let service: ScriptedService;
let phone: PhonePage;
let far: FarPeer;

beforeAll(async () => {
  browser = await launchChromium();
});

afterAll(async () => {
  await browser.close();
});

beforeEach(async () => {
  ({ service, phone, far } = await openScene(browser));
});

afterEach(async () => {
  expect(await closeScene({ service, phone, far })).toEqual([]);
});

const talk = (): Promise<string> => talkIn({ service, phone, far });

async function ring(): Promise<string> {
  const sdp = await far.offer();
  const from = { uri: 'sip:bob@ims.example', displayName: 'Bob' };
  service.push({ event: 'call.incoming', callId: 'incoming-1', from, sdp });
  await phone.says(/Incoming call from Bob \(sip:bob@ims\.example\)/);
  return 'incoming-1';
}

describe('CLI-2: the softphone page', () => {
  it.each([
    ['Token', ['token', 'register']],
    ['IP-PBX', ['login', 'register']],
    ['Same credentials', ['login', 'register']],
  ])('logs in by %s', async (option, actions) => {
    await phone.logIn({ ...ALICE, option });

    expect(service.requests.map(({ action }) => action)).toEqual(actions);
    expect(await phone.impu()).toBe('sip:alice@ims.example');
  });

  it('takes the tenant from its address', async () => {
    await phone.page.goto(`${service.url}/?tenant=globex`);

    await phone.logIn(ALICE);

    expect(service.of('token')[0]?.tenant).toBe('globex');
  });

  it('says in an alert why a log-in was refused', async () => {
    const message = 'User name or password is not right.';
    service.answer('token', () => ({
      refused: { code: 'login.refused', message, retryable: false },
    }));

    await phone.page.getByRole('textbox', { name: 'User name' }).fill('alice');
    await phone.page.getByRole('textbox', { name: 'Password' }).fill('wrong');
    await phone.button('Log in').click();

    await phone.page.getByRole('alert').filter({ hasText: message }).waitFor();
    expect(await phone.status.textContent()).toBe('Not registered');
  });

  it('is out again after a log-out', async () => {
    await phone.logIn(ALICE);

    await phone.logOut();

    expect(service.of('logout')).toHaveLength(1);
    expect(await phone.status.textContent()).toBe('Not registered');
  });
});

describe('SES-5: where calls go that the user does not take', () => {
  it('is shown as the service has it, and set', async () => {
    service.answer('forwarding.get', () => ({ whenBusy: 'box', ringS: 20 }));
    service.answer('forwarding.set', () => ({}));
    await phone.logIn(ALICE);
    await phone.button('Forwarding').click();
    const field = (name: string) => phone.page.getByLabel(name);
    await until(async () => (await field('Busy: send to').inputValue()) === 'box');
    expect(await field('Seconds until nobody answers').inputValue()).toBe('20');

    await field('Nobody answers: send to').fill(' +4930123400 ');
    await field('Busy: send to').fill('');
    await phone.button('Save').click();

    await phone.page.getByText('Saved').waitFor();
    const { id: _, ...set } = service.of('forwarding.set')[0] ?? { id: '' };
    expect(set).toEqual({ action: 'forwarding.set', whenUnanswered: '+4930123400', ringS: 20 });
  });

  it('is told why a number was not taken', async () => {
    const message = 'Emergency calls cannot be placed from here.';
    service.answer('forwarding.get', () => ({}));
    service.answer('forwarding.set', () => ({
      refused: { code: 'call.emergency-refused', message, retryable: false },
    }));
    await phone.logIn(ALICE);
    await phone.button('Forwarding').click();
    await phone.page.getByLabel('Busy: send to').fill('112');
    await phone.button('Save').click();

    await phone.page.locator('form').getByText(message).waitFor();
  });
});

describe('SES-1, MED-11: an outgoing call', () => {
  beforeEach(() => phone.logIn(ALICE));

  it('is heard on both sides, warm before it is answered', async () => {
    await talk();

    const { peakHz } = await phone.hear();
    expect(Math.abs(peakHz - 440)).toBeLessThan(15);
    expect((await far.heard()).energy).toBeGreaterThan(0);
    await phone.page.getByText('Call quality: Good').waitFor();
  });

  it('numbers its commands upwards and sends candidates behind the start', async () => {
    await talk();
    await phone.hangUp();
    await until(() => service.of('call.hang-up').length === 1);

    const onCall = service.requests.filter((it) => 'seq' in it);
    expect(onCall[0]?.action).toBe('call.start');
    expect(onCall.map(({ seq }) => seq)).toEqual(onCall.map((_, index) => index + 1));
  });

  it.each([
    ['busy', 'busy'],
    ['no-answer', 'no answer'],
    ['not-found', 'not found'],
    ['unavailable', 'unavailable'],
  ] as const)('that ends as %s says so until the next action', async (cause, text) => {
    await phone.dial('somebody');
    await until(() => service.of('call.start').length === 1);
    const callId = service.of('call.start')[0]?.callId ?? '';

    service.push({ event: 'call.ended', callId, cause, text });

    await phone.says(`Call ended: ${text}`);
    expect(await phone.button('Call').isVisible()).toBe(true);
  });

  it('can be cancelled while it rings', async () => {
    await phone.dial('slow');
    await until(() => service.of('call.start').length === 1);

    await phone.hangUp();

    await phone.says('Call ended: cancelled');
    await until(() => service.of('call.hang-up').length === 1);
  });

  it('answers a re-offer of the node on the same transport', async () => {
    const callId = await talk();
    const sdp = await far.offer();

    service.push({ event: 'call.offer', callId, offerId: 3, sdp });

    await until(() => service.of('call.answer').length === 1);
    expect(service.of('call.answer')[0]?.offerId).toBe(3);
    await far.takeAnswer(service.of('call.answer')[0]?.sdp ?? '');
    expect(Math.abs((await phone.hear(1_500)).peakHz - 440)).toBeLessThan(15);
  });

  it('mutes the microphone and says so to assistive technology', async () => {
    await talk();
    await until(async () => (await far.heard()).energy > 0);
    const mute = phone.button('Mute');

    await mute.click();
    await new Promise((resolve) => setTimeout(resolve, 600));
    const before = (await far.heard()).energy;
    await new Promise((resolve) => setTimeout(resolve, 1_500));

    expect(await mute.getAttribute('aria-pressed')).toBe('true');
    expect((await far.heard()).energy - before).toBeLessThan(1e-4);
  });

  it('moves no button once it is on', async () => {
    const places = async (): Promise<readonly (number | undefined)[]> =>
      Promise.all(
        ['Hang up', 'Mute', 'Add call'].map(async (name) => {
          const box = await phone.button(name).boundingBox();
          return box?.y;
        }),
      );
    await talk();
    const first = await places();

    await phone.page.getByText('Call quality: Good').waitFor();
    await phone.page.getByText(/ms round trip/).waitFor();

    expect(await places()).toEqual(first);
    expect(first).not.toContain(undefined);
  });

  it('sends the digits of the dial pad and shows them', async () => {
    await talk();

    await phone.button('5').click();
    await phone.button('#').click();

    await phone.page.getByText('5#', { exact: true }).waitFor();
  });

  it('outlives its WebSocket, and what was missed is told after', async () => {
    const callId = await talk();

    service.dropSocket();
    service.push({ event: 'call.ended', callId, cause: 'remote-hung-up', text: 'hung up' }, 'lost');

    await phone.says('Call ended: hung up');
    expect(service.of('resume')[0]?.resumeKey).toBe('key-1');
  });
});

describe('SES-2, MED-11: an incoming call', () => {
  beforeEach(() => phone.logIn(ALICE));

  it('rings with its path warm and the microphone off, and speaks once answered', async () => {
    const callId = await ring();
    await until(async () => (await far.connection()) === 'connected');
    const whileRinging = await far.heard();

    await phone.button('Answer').click();
    await until(() => service.of('call.accept').length === 1);
    service.push({ event: 'call.answered', callId });

    await phone.says(/In call with Bob/);
    expect(whileRinging.packets).toBe(0);
    await until(async () => (await far.heard()).energy > 0);
    expect(Math.abs((await phone.hear()).peakHz - 440)).toBeLessThan(15);
  });

  it('can be declined', async () => {
    await ring();

    await phone.button('Decline').click();

    await phone.says('Call ended: declined');
    await until(() => service.of('call.decline')[0]?.reason === 'declined');
  });

  it('is told apart from a second one, which hears busy', async () => {
    await ring();

    const from = { uri: 'sip:carol@ims.example' };
    service.push({ event: 'call.incoming', callId: 'incoming-2', from, sdp: 'v=0' });

    await until(() => service.of('call.decline').length === 1);
    expect(service.of('call.decline')[0]).toMatchObject({ callId: 'incoming-2', reason: 'busy' });
    await phone.says(/Incoming call from Bob/);
  });
});

describe('CLI-2: by keyboard and screen reader alone', () => {
  it('logs in, calls, mutes and hangs up without a mouse', async () => {
    const { keyboard } = phone.page;
    await phone.page.getByRole('textbox', { name: 'User name' }).focus();
    await keyboard.type('alice');
    await keyboard.press('Tab');
    await keyboard.type('secret');
    await keyboard.press('Enter');
    await phone.says(/Registered as/);

    await keyboard.type('echo');
    await keyboard.press('Enter');
    await until(() => service.of('call.start').length === 1);
    service.push({ event: 'call.answered', callId: service.of('call.start')[0]?.callId ?? '' });
    await phone.says(/In call with echo/);
    // From Hang up back over Hold.
    await keyboard.press('Shift+Tab');
    await keyboard.press('Shift+Tab');
    await keyboard.press('Space');
    expect(await phone.button('Mute').getAttribute('aria-pressed')).toBe('true');
    await keyboard.press('Tab');
    await keyboard.press('Tab');
    await keyboard.press('Enter');

    await phone.says('Call ended: hung up');
  });

  it('answers with one key, for the focus is there', async () => {
    await phone.logIn(ALICE);
    await ring();

    await phone.page.keyboard.press('Enter');

    await until(() => service.of('call.accept').length === 1);
  });

  it('has one status, and names for everything that can be used', async () => {
    await phone.page.getByRole('button', { name: 'Log in' }).waitFor();
    expect(await phone.page.locator('body').ariaSnapshot()).toMatchInlineSnapshot(`
"- banner:
  - heading "Isthmus softphone" [level=1]
  - paragraph: acme
- main:
  - status: Not registered
  - form "Log in":
    - heading "Log in" [level=2]
    - radiogroup "Registration":
      - text: Registration
      - radio "Token" [checked]
      - text: Token
      - radio "IP-PBX"
      - text: IP-PBX
      - radio "Same credentials"
      - text: Same credentials
    - text: User name
    - textbox "User name"
    - text: Password
    - textbox "Password"
    - 'checkbox "Call waiting: ring during a call"'
    - text: "Call waiting: ring during a call"
    - button "Log in""
`);
    await phone.logIn(ALICE);
    expect(await phone.page.locator('body').ariaSnapshot()).toMatchInlineSnapshot(`
"- banner:
  - heading "Isthmus softphone" [level=1]
  - paragraph: acme
  - button "Log out"
- main:
  - status: Registered as sip:alice@ims.example
  - region "Phone":
    - text: Number or address
    - textbox "Number or address"
    - group "Dial pad":
      - button "1"
      - button "2": 2 ABC
      - button "3": 3 DEF
      - button "4": 4 GHI
      - button "5": 5 JKL
      - button "6": 6 MNO
      - button "7": 7 PQRS
      - button "8": 8 TUV
      - button "9": 9 WXYZ
      - button "*"
      - button "0": 0 +
      - button "#"
    - button "Call"
    - button "Video call"
    - button "Messages"
    - button "Forwarding"
    - button "Devices""
`);

    expect(await phone.status.count()).toBe(1);
  });
});

import { createXmldomReader } from '../../media-node/src/adapters/xml/xmldom-reader.ts';
import { readRegInfo } from '../../media-node/src/core/registration/reg-event/reg-info.ts';
import {
  idleSubscription,
  stepSubscription,
} from '../../media-node/src/core/registration/reg-event/subscription-machine.ts';
import type {
  SubscriptionEffect,
  SubscriptionEvent,
  SubscriptionState,
} from '../../media-node/src/core/registration/reg-event/subscription-types.ts';
import {
  idleRegistration,
  stepRegistration,
} from '../../media-node/src/core/registration/registration-machine.ts';
import type {
  RegisterResponse,
  RegistrationEffect,
  RegistrationEvent,
  RegistrationState,
} from '../../media-node/src/core/registration/registration-types.ts';
import { withdrawnContacts } from '../../media-node/src/core/sip/ims-headers.ts';
import { type ContactOptions, reginfo } from '../support/reginfo-document.ts';

const INSTANCE = 'urn:uuid:00000000-0000-1000-8000-000A95A0E128';
const OWN = {
  impu: 'sip:alice@ims.test',
  uri: 'sip:token@127.0.0.1:5060;transport=tcp',
  instanceId: INSTANCE,
};
const STRAY = 'sip:dead@127.0.0.9:4000;transport=tcp';

const xml = createXmldomReader();

function notified(version: number, ...contacts: readonly ContactOptions[]): SubscriptionEvent {
  const registrations = [{ contacts }, { aor: 'tel:+15550100', contacts }];
  const root = xml.read(reginfo({ version, registrations }));
  const info = root && readRegInfo(root);
  if (!info) throw new Error('the document is good');
  return { kind: 'notified', state: 'active', info, own: OWN };
}

function straysAfter(...events: readonly SubscriptionEvent[]): readonly string[] {
  let state: SubscriptionState = idleSubscription;
  const effects: SubscriptionEffect[] = [];
  for (const event of events) {
    const after = stepSubscription(state, event, 1);
    state = after.state;
    effects.push(...after.effects);
  }
  return effects.flatMap((it) => (it.kind === 'report-strays' ? it.strays : []));
}

const subscribed: readonly SubscriptionEvent[] = [
  { kind: 'registered', isNew: true },
  { kind: 'subscribe-answered', status: 200, isAnswerable: false, expiresS: 600 },
];
const ours: ContactOptions = { id: 'ours', uri: OWN.uri, instance: INSTANCE };
const stray: ContactOptions = { id: 'dead', uri: STRAY, instance: INSTANCE.toUpperCase() };

describe('REG-10: RFC 5626 §6, RFC 3680 §5 – a contact of our instance that is not ours', () => {
  it('is told by the first document, once for all identities', () => {
    expect(straysAfter(...subscribed, notified(0, ours, stray))).toEqual([STRAY]);
  });

  it('is one of a flow that we have lost, as well', () => {
    const old = { ...stray, uri: 'sip:token@127.0.0.1:5061;transport=tcp' };

    expect(straysAfter(...subscribed, notified(0, old, ours))).toEqual([old.uri]);
  });

  it.each<readonly [string, ContactOptions]>([
    ['another instance, which is another device', { ...stray, instance: 'urn:uuid:1' }],
    ['no instance', { id: 'x', uri: STRAY }],
    ['an end', { ...stray, state: 'terminated', event: 'expired' }],
    ['what no header could say', { ...stray, uri: 'sip:dead@127.0.0.9&gt;, &lt;sip:a@b' }],
    ['our own block of numbers', { ...stray, uri: 'sip:127.0.0.1:5060;transport=tcp;bnc' }],
  ])('is not one of %s', (_, contact) => {
    expect(straysAfter(...subscribed, notified(0, ours, contact))).toEqual([]);
  });

  it('is not one that comes after us: that is our successor', () => {
    expect(straysAfter(...subscribed, notified(0, ours), notified(1, ours, stray))).toEqual([]);
  });
});

const response = (status: number, more: Partial<RegisterResponse> = {}): RegisterResponse => ({
  ...{ kind: 'response-received', status, reason: '' },
  ...{ associated: [], serviceRoute: [], gruus: {} },
  ...(status === 401 ? { challenge: 'new' } : {}),
  ...more,
});

function walk(...events: readonly RegistrationEvent[]) {
  let state: RegistrationState = idleRegistration;
  const effects: RegistrationEffect[] = [];
  for (const event of events) {
    const after = stepRegistration(state, event, 1);
    state = after.state;
    effects.push(...after.effects);
  }
  const sent = effects.filter((it) => it.kind === 'send-register');
  return { state: state.kind, last: effects.at(-1), kinds: effects.map(({ kind }) => kind), sent };
}

const tidying: readonly RegistrationEvent[] = [
  { kind: 'register-wanted' },
  { kind: 'flow-up' },
  response(200, { expiresS: 7_200 }),
  { kind: 'strays-found', strays: [STRAY] },
];

describe('REG-10: RFC 3261 §10.2.2 – it is withdrawn', () => {
  it('beside our own Contact, and by the answer to a challenge too', () => {
    const { sent, state } = walk(...tidying, response(401), response(200, { expiresS: 7_200 }));

    expect(state).toBe('registered');
    expect(sent.slice(1)).toEqual([
      {
        ...{ kind: 'send-register', expiresS: 600_000, authorization: 'fresh' },
        withdraw: [STRAY],
      },
      {
        ...{ kind: 'send-register', expiresS: 600_000, authorization: 'answer' },
        withdraw: [STRAY],
      },
    ]);
    expect(withdrawnContacts(sent[1]?.withdraw)).toEqual([`Contact: <${STRAY}>;expires=0`]);
  });

  it.each([
    ['refuses two contacts', response(400)],
    ['forbids it', response(403)],
    ['is busy', response(503, { retryAfterS: 60 })],
    ['finds it too brief', response(423, { minExpiresS: 700_000 })],
    ['is a stranger of another realm', response(401, { challenge: 'foreign' })],
    ['says nothing', { kind: 'response-missed' } as const],
  ])('and where the registrar %s, we stay registered as we were', (_, event) => {
    const { kinds, last, state } = walk(...tidying, event);

    expect(state).toBe('registered');
    expect(last).toEqual({ kind: 'start-timer', timer: 'next', ms: 6_600_000 });
    expect(kinds).not.toContain('report-lost');
  });

  it('but what has expired meanwhile is not as it was', () => {
    const expired: RegistrationEvent = { kind: 'timer-fired', timer: 'expiry' };

    expect(walk(...tidying, expired, response(503)).state).toBe('waiting');
    expect(walk(...tidying, expired, response(403)).state).toBe('ended');
  });

  it.each<RegistrationEvent>([
    { kind: 'deregister-wanted' },
    { kind: 'flow-lost', reason: 'cut' },
    { kind: 'terminated-by-network', cause: 'rejected' },
  ])('and nothing else waits for it: $kind', (event) => {
    const refreshing = walk(...tidying.slice(0, 3), { kind: 'timer-fired', timer: 'next' }, event);

    expect(walk(...tidying, event).state).toBe(refreshing.state);
  });
});

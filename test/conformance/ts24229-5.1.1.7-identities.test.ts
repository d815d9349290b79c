import { createXmldomReader } from '../../media-node/src/adapters/xml/xmldom-reader.ts';
import { readRegInfo } from '../../media-node/src/core/registration/reg-event/reg-info.ts';
import {
  idleSubscription,
  stepSubscription,
} from '../../media-node/src/core/registration/reg-event/subscription-machine.ts';
import type {
  SubscriptionEffect,
  SubscriptionState,
} from '../../media-node/src/core/registration/reg-event/subscription-types.ts';
import { type RegistrationOptions, reginfo } from '../support/reginfo-document.ts';

const OWN = { impu: 'sip:a@ims.test', uri: 'sip:token@127.0.0.1:5060', instanceId: 'urn:uuid:1' };
const xml = createXmldomReader();

interface Document {
  readonly state?: 'full' | 'partial';
  readonly registrations: readonly RegistrationOptions[];
}

/** What is passed on of documents that come one after another. */
function reportsOf(...documents: readonly Document[]): readonly SubscriptionEffect[] {
  let { state }: { state: SubscriptionState } = stepSubscription(
    idleSubscription,
    { kind: 'registered', isNew: true },
    1,
  );
  const effects: SubscriptionEffect[] = [];
  for (const [version, document] of documents.entries()) {
    const root = xml.read(reginfo({ version, state: 'partial', ...document }));
    const info = root && readRegInfo(root);
    if (!info) throw new Error('the document is good');
    const after = stepSubscription(state, { kind: 'notified', state: 'active', info, own: OWN }, 1);
    state = after.state;
    effects.push(...after.effects.filter(({ kind }) => kind.startsWith('report-')));
  }
  return effects;
}

const on = (aor: string): RegistrationOptions => ({ aor });
const off = (aor: string, event = 'rejected'): RegistrationOptions => ({
  ...{ aor, state: 'terminated' },
  contacts: [{ state: 'terminated', event }],
});
const full = (...registrations: readonly RegistrationOptions[]): Document => ({
  ...{ state: 'full', registrations },
});
const partial = (...registrations: readonly RegistrationOptions[]): Document => ({ registrations });
const ended = (...identities: readonly string[]) => ({ kind: 'report-ended', identities });

const [A, B, TEL] = ['sip:a@ims.test', 'sip:b@ims.test', 'tel:+15550100'] as const;

describe('REG-9: 3GPP TS 24.229 §5.1.1.7 – identities of a set that end one by one', () => {
  it('are told while others go on, all of them at each change', () => {
    expect(reportsOf(full(on(A), on(B), on(TEL)), partial(off(B)), partial(off(TEL)))).toEqual([
      ended(B),
      ended(B, TEL),
    ]);
  });

  it('are back when they are registered again', () => {
    expect(reportsOf(full(on(A), on(B)), partial(off(B)), partial(on(B)))).toEqual([
      ended(B),
      ended(),
    ]);
  });

  it.each([
    ['said to have ended', full(on(A), off(B))],
    ['not named any more', full(on(A))],
    ['left without our contact', full(on(A), { aor: B, contacts: [] })],
  ])('are those that a full document says are %s', (_, document) => {
    expect(reportsOf(full(on(A), on(B)), document)).toEqual([ended(B)]);
  });

  it('may have ended before we were told anything', () => {
    expect(reportsOf(full(on(A), off(B)))).toEqual([ended(B)]);
  });

  it('are no news where nothing changed, nor where an identity has not begun', () => {
    expect(reportsOf(full(on(A), { aor: B, state: 'init', contacts: [] }), partial(on(A)))).toEqual(
      [],
    );
  });

  it('and with the last of them it is the registration that ends', () => {
    expect(reportsOf(full(on(A), on(B)), partial(off(A), off(B)))).toEqual([
      { kind: 'report-verdict', verdict: { kind: 'gone', cause: 'rejected' } },
    ]);
  });
});

import { createXmldomReader } from '../../media-node/src/adapters/xml/xmldom-reader.ts';
import {
  type RegInfo,
  readRegInfo,
} from '../../media-node/src/core/registration/reg-event/reg-info.ts';
import {
  emptyView,
  type RegView,
  readOn,
  type Verdict,
} from '../../media-node/src/core/registration/reg-event/reg-view.ts';
import {
  idleSubscription,
  stepSubscription,
} from '../../media-node/src/core/registration/reg-event/subscription-machine.ts';
import type {
  Notified,
  SubscribeAnswer,
  SubscriptionEffect,
  SubscriptionEvent,
  SubscriptionState,
} from '../../media-node/src/core/registration/reg-event/subscription-types.ts';
import { type ContactOptions, type DocumentOptions, reginfo } from '../support/reginfo-document.ts';

const OWN = {
  impu: 'sip:alice@ims.test',
  uri: 'sip:token@127.0.0.1:5060;transport=tcp',
  instanceId: 'urn:uuid:00000000-0000-1000-8000-000A95A0E128',
};
const xml = createXmldomReader();

function read(text: string): RegInfo | undefined {
  const root = xml.read(text);
  return root && readRegInfo(root);
}

function mustRead(options: DocumentOptions): RegInfo {
  const info = read(reginfo(options));
  if (!info) throw new Error('the document is good');
  return info;
}

/** The verdict of the last of several documents. */
function verdictAfter(...documents: readonly DocumentOptions[]): Verdict {
  let view: RegView = emptyView;
  let verdict: Verdict = { kind: 'nothing' };
  for (const document of documents) ({ view, verdict } = readOn(view, mustRead(document), OWN));
  return verdict;
}

const withContact = (contact: ContactOptions): DocumentOptions => ({
  registrations: [{ contacts: [contact] }],
});
const ended = (event: string, more: Partial<ContactOptions> = {}): DocumentOptions => ({
  ...{ version: 1, state: 'partial' },
  registrations: [{ state: 'terminated', contacts: [{ state: 'terminated', event, ...more }] }],
});

describe('REG-9: RFC 3680 §5 – a document', () => {
  it('tells identities, contacts, and what else is known of them', () => {
    const info = mustRead({
      version: 7,
      registrations: [
        {
          contacts: [
            {
              ...{ event: 'shortened', expires: 600, instance: 'urn:uuid:1' },
              more:
                '<display-name>Alice</display-name>' +
                '<gr:pub-gruu uri="sip:alice@ims.test;gr=1"/>' +
                '<gr:temp-gruu uri="sip:t@ims.test;gr" first-cseq="1"/>',
            },
          ],
        },
        { aor: 'tel:+15550100', contacts: [], state: 'init' },
      ],
    });

    expect(info).toMatchObject({ version: 7, isFull: true });
    expect(info.registrations.map(({ aor, state }) => [aor, state])).toEqual([
      ['sip:alice@ims.test', 'active'],
      ['tel:+15550100', 'init'],
    ]);
    expect(info.registrations[0]?.contacts).toEqual([
      {
        ...{ id: 'c1', uri: 'sip:token@127.0.0.1:5060', isActive: true, event: 'shortened' },
        ...{ expiresS: 600, instanceId: 'urn:uuid:1' },
        gruus: { public: 'sip:alice@ims.test;gr=1', temporary: 'sip:t@ims.test;gr' },
      },
    ]);
  });

  it.each([
    ['is no registration information', '<presence version="0" state="full"/>'],
    ['has no version', '<reginfo state="full"/>'],
    ['has a negative version', '<reginfo version="-1" state="full"/>'],
    ['has a version beyond all bounds', '<reginfo version="99999999999" state="full"/>'],
    ['is neither full nor partial', '<reginfo version="0" state="some"/>'],
    [
      'has an identity without a name',
      '<reginfo version="0" state="full"><registration id="a" state="active"/></reginfo>',
    ],
    [
      'has an identity in no known state',
      '<reginfo version="0" state="full"><registration aor="sip:a@b" id="a" state="constructor"/></reginfo>',
    ],
    [
      'has a contact without a URI',
      '<reginfo version="0" state="full"><registration aor="sip:a@b" id="a" state="active"><contact id="1" state="active" event="created"/></registration></reginfo>',
    ],
    [
      'has a contact in no known state',
      '<reginfo version="0" state="full"><registration aor="sip:a@b" id="a" state="active"><contact id="1" state="x" event="created"><uri>sip:a@b</uri></contact></registration></reginfo>',
    ],
    ['is no XML', 'reginfo'],
  ])('is refused where it %s', (_what, text) => {
    expect(read(text)).toBeUndefined();
  });
});

describe('REG-9: RFC 3680 §5.3 – what became of our contact', () => {
  it.each(['registered', 'created', 'refreshed'])('%s, it stands', (event) => {
    expect(verdictAfter(withContact({ event, expires: 60 }))).toEqual({ kind: 'active' });
  });

  it('shortened, it stands for less', () => {
    expect(verdictAfter(withContact({ event: 'shortened', expires: 60 }))).toEqual({
      ...{ kind: 'shortened', expiresS: 60 },
    });
    expect(verdictAfter(withContact({ event: 'shortened' }))).toEqual({ kind: 'active' });
  });

  it.each(['expired', 'deactivated', 'unregistered', 'rejected', 'probation'])(
    '%s, it is gone',
    (event) => {
      expect(verdictAfter({}, ended(event))).toEqual({ kind: 'gone', cause: event });
    },
  );

  it('on probation, it may come back after a while', () => {
    expect(verdictAfter({}, ended('probation', { retryAfter: 90 }))).toEqual({
      ...{ kind: 'gone', cause: 'probation', retryAfterS: 90 },
    });
  });

  it('gone for a reason nobody knows, it has expired', () => {
    expect(verdictAfter({}, ended('evaporated'))).toEqual({ kind: 'gone', cause: 'expired' });
  });

  it.each([
    ['init', 'expired'],
    ['terminated', 'unregistered'],
  ])('of an identity in state %s without a word on contacts, it is %s', (state, cause) => {
    const gone = { registrations: [{ state, contacts: [] }], version: 1 };

    expect(verdictAfter(gone)).toEqual({ kind: 'gone', cause });
    expect(verdictAfter({}, gone)).toEqual({ kind: 'gone', cause });
    expect(verdictAfter({}, { ...gone, state: 'partial' })).toEqual({ kind: 'gone', cause });
  });

  it('missing from the full state that had it, it is gone', () => {
    const other = { ...withContact({ uri: 'sip:other@192.0.2.1', id: 'c9' }), version: 1 };

    expect(verdictAfter({}, other)).toEqual({ kind: 'gone', cause: 'expired' });
  });

  it('never seen, it may be behind a contact the network wrote: nothing is said', () => {
    expect(verdictAfter(withContact({ uri: 'sip:sbc@192.0.2.1' }))).toEqual({ kind: 'nothing' });
  });

  it('is found among others by its URI, whatever port the network saw it on', () => {
    const contacts = [
      { uri: 'sip:phone@192.0.2.1', id: 'c8', event: 'created' },
      { uri: 'sip:token@127.0.0.1:4711', id: 'c9', event: 'shortened', expires: 30 },
    ];

    expect(verdictAfter({ registrations: [{ contacts }] })).toMatchObject({ expiresS: 30 });
  });

  it('is found by its instance where the network wrote the URI, then and later', () => {
    const uri = 'sip:sbc-17@192.0.2.1';
    const instance = OWN.instanceId.toLowerCase();

    expect(verdictAfter(withContact({ uri, instance }))).toEqual({ kind: 'active' });
    expect(
      verdictAfter(withContact({ uri, instance }), ended('deactivated', { uri })),
    ).toMatchObject({ cause: 'deactivated' });
  });

  it('is not its own predecessor of the same instance, whose end is of no concern', () => {
    const before = { uri: 'sip:older@127.0.0.1:5060', id: 'c0', instance: OWN.instanceId };
    const over = { ...before, state: 'terminated', event: 'unregistered' } as const;

    expect(verdictAfter(withContact(over))).toEqual({ kind: 'nothing' });
    expect(
      verdictAfter({}, { version: 1, state: 'partial', registrations: [{ contacts: [over] }] })
        .kind,
    ).not.toBe('gone');
  });

  it('stands while one identity of the set is left under which it does', () => {
    const set = {
      registrations: [{}, { aor: 'tel:+15550100' }, { aor: 'sip:web!.*!@ims.test' }],
    };
    const end = (version: number, ...aors: readonly string[]): DocumentOptions => ({
      ...{ version, state: 'partial' },
      registrations: aors.map((aor) => ({
        ...{ aor, state: 'terminated' },
        contacts: [{ state: 'terminated', event: 'rejected' }],
      })),
    });
    const [first, second, third] = ['sip:alice@ims.test', 'tel:+15550100', 'sip:web!.*!@ims.test'];

    expect(verdictAfter(set, end(1, first), end(2, second)).kind).toBe('nothing');
    expect(verdictAfter(set, end(1, first), end(2, second), end(3, third))).toMatchObject({
      ...{ kind: 'gone', cause: 'rejected' },
    });
    expect(verdictAfter(set, end(1, first, second, third))).toMatchObject({ kind: 'gone' });
  });

  it('keeps standing where a partial document is about another', () => {
    const other = { uri: 'sip:phone@192.0.2.1', id: 'c8', state: 'terminated' } as const;

    expect(
      verdictAfter({}, { version: 1, state: 'partial', registrations: [{ contacts: [other] }] }),
    ).toEqual({ kind: 'nothing' });
    expect(
      verdictAfter(
        {},
        { version: 1, state: 'partial', registrations: [{ contacts: [other] }] },
        { ...ended('rejected'), version: 2 },
      ),
    ).toMatchObject({ kind: 'gone' });
  });
});

describe('REG-9: RFC 3680 §5.1 – versions', () => {
  const at = (version: number, state: string): RegInfo =>
    mustRead({ ...withContact({ event: 'shortened', expires: 60 }), version, state });
  const known: RegView = { version: 5, ended: [], bound: [{ aor: OWN.impu, contactId: 'c1' }] };

  it.each([
    [4, 'full'],
    [5, 'full'],
    [5, 'partial'],
  ])('%d after 5, %s, is old and says nothing', (version, state) => {
    expect(readOn(known, at(version, state), OWN)).toEqual({
      ...{ view: known, verdict: { kind: 'nothing' }, isGap: false },
    });
  });

  it.each([
    [6, 'partial', false],
    [7, 'partial', true],
    [6, 'full', false],
    [70, 'full', false],
  ])('%d after 5, %s, counts (with a gap: %s)', (version, state, isGap) => {
    expect(readOn(known, at(version, state), OWN)).toMatchObject({
      ...{ isGap, view: { version }, verdict: { kind: 'shortened', expiresS: 60 } },
    });
  });

  it('begins wherever the first document begins', () => {
    expect(readOn(emptyView, at(12, 'full'), OWN)).toMatchObject({ isGap: false });
    expect(readOn(emptyView, at(12, 'partial'), OWN)).toMatchObject({ isGap: true });
  });
});

/** Walks the machine and says in short what it did at the last step. */
function walk(...events: readonly SubscriptionEvent[]): {
  readonly state: SubscriptionState;
  readonly effects: readonly SubscriptionEffect[];
  readonly did: string;
} {
  let state: SubscriptionState = idleSubscription;
  let effects: readonly SubscriptionEffect[] = [];
  for (const event of events) ({ state, effects } = stepSubscription(state, event, 0));
  return { state, effects, did: [state.kind, ...effects.map(inShort)].join(' | ') };
}

function inShort(effect: SubscriptionEffect): string {
  switch (effect.kind) {
    case 'send-subscribe':
      return `subscribe ${effect.dialog} ${String(effect.expiresS)} ${effect.authorization}`;
    case 'report-verdict':
      return `report ${effect.verdict.kind}`;
    case 'note-refusal':
      return `note ${String(effect.why)}`;
    case 'start-timer':
      return `timer ${String(effect.ms / 1000)}`;
    default:
      return effect.kind;
  }
}

const registered = { kind: 'registered', isNew: true } as const;
const refreshed = { kind: 'registered', isNew: false } as const;
const lost = { kind: 'registration-lost' } as const;
const leaving = { kind: 'leave-wanted' } as const;
const missed = { kind: 'subscribe-missed' } as const;
const gone = { kind: 'dialog-gone' } as const;
const timer = { kind: 'timer-fired' } as const;
const answer = (status: number, more: Partial<SubscribeAnswer> = {}): SubscribeAnswer => ({
  ...{ kind: 'subscribe-answered', status, isAnswerable: true },
  ...more,
});
const notified = (more: Partial<Notified> = {}): Notified => ({
  ...{ kind: 'notified', state: 'active', own: OWN },
  ...more,
});
const over = (reason: string, retryAfterS?: number): Notified =>
  notified({
    ...{ state: 'terminated', reason },
    ...(retryAfterS !== undefined && { retryAfterS }),
  });
const tells = (document: DocumentOptions, more: Partial<Notified> = {}): Notified =>
  notified({ info: mustRead(document), ...more });
const subscribed = [registered, answer(200, { expiresS: 7200 })] as const;

describe('REG-9: 3GPP TS 24.229 §5.1.1.3 – the subscription', () => {
  it('is asked for at once after the registration, for 600000 s', () => {
    expect(walk(registered).did).toBe('asking | forget | subscribe new 600000 fresh');
  });

  it.each([
    [600_000, 599_400],
    [7200, 6600],
    [1200, 600],
    [60, 30],
  ])('of %d s granted is renewed after %d s, in its dialog', (expiresS, afterS) => {
    const granted = [registered, answer(200, { expiresS })] as const;

    expect(walk(...granted).did).toBe(`subscribed | timer ${String(afterS)}`);
    expect(walk(...granted, timer).did).toBe('asking | subscribe same 600000 fresh');
    expect(walk(...granted, timer, answer(200, { expiresS })).did).toBe(
      `subscribed | timer ${String(afterS)}`,
    );
  });

  it('takes the shorter of what the 200 and the NOTIFY before it say', () => {
    expect(walk(registered, notified({ expiresS: 600 }), answer(200)).did).toBe(
      'subscribed | timer 300',
    );
  });

  it('lets every NOTIFY set anew what is left', () => {
    expect(walk(...subscribed, notified({ expiresS: 100 })).did).toBe('subscribed | timer 50');
    expect(walk(...subscribed, notified()).did).toBe('subscribed');
    expect(
      walk(...subscribed, notified({ expiresS: 100 }), timer, answer(200, { expiresS: 7200 })).did,
    ).toBe('subscribed | timer 6600');
  });

  it('begins anew with every registration, and stays through its refreshes', () => {
    expect(walk(...subscribed, registered).did).toBe(
      'asking | stop-timer | forget | subscribe new 600000 fresh',
    );
    expect(walk(...subscribed, refreshed).did).toBe('subscribed');
    expect(walk(refreshed).did).toBe('idle');
  });

  it('is forgotten with the registration', () => {
    expect(walk(...subscribed, lost).did).toBe('idle | stop-timer | forget');
    expect(walk(lost).did).toBe('idle');
  });

  it('is ended before the registration, where it has a dialog', () => {
    expect(walk(...subscribed, leaving).did).toBe('leaving | stop-timer | subscribe same 0 fresh');
    expect(walk(...subscribed, leaving, answer(407)).did).toBe('leaving | subscribe same 0 answer');
    expect(walk(...subscribed, leaving, answer(200)).did).toBe('ended');
    expect(walk(...subscribed, leaving, answer(481)).did).toBe('ended');
    expect(walk(...subscribed, leaving, missed).did).toBe('ended | forget');
    expect(walk(...subscribed, leaving, over('timeout')).did).toBe('leaving');
    expect(walk(registered, leaving).did).toBe('ended | stop-timer | forget');
    expect(walk(leaving).did).toBe('ended');
    expect(walk(leaving, registered).did).toBe('ended');
  });
});

describe('REG-9: RFC 6665 §4.1.2 – answers to SUBSCRIBE', () => {
  it('a challenge is answered twice at most, and only where it is ours', () => {
    expect(walk(registered, answer(401)).did).toBe('asking | subscribe new 600000 answer');
    expect(walk(registered, answer(407), answer(407), answer(407)).did).toBe(
      'refused | stop-timer | forget | note 407',
    );
    expect(walk(registered, answer(401, { isAnswerable: false })).did).toContain('refused');
    expect(walk(...subscribed, timer, answer(407)).did).toBe(
      'asking | subscribe same 600000 answer',
    );
  });

  it('423 is met by what it asks for, once', () => {
    expect(walk(registered, answer(423, { minExpiresS: 700_000 })).did).toBe(
      'asking | subscribe new 700000 fresh',
    );
    expect(walk(registered, answer(423)).did).toContain('note 423');
    expect(walk(registered, answer(423, { minExpiresS: 60 })).did).toContain('refused');
  });

  it.each([300, 400, 403, 404, 405, 410, 416, 420, 489, 501, 600, 603, 604])(
    '%d leaves the registration without events, which is noted once',
    (status) => {
      expect(walk(registered, answer(status)).did).toBe(
        `refused | stop-timer | forget | note ${String(status)}`,
      );
      expect(walk(registered, answer(status), refreshed, timer, notified()).did).toBe('refused');
      expect(walk(registered, answer(status), lost, registered, answer(status)).did).toBe(
        'refused | stop-timer | forget',
      );
      expect(walk(registered, answer(status), leaving).did).toBe('ended');
    },
  );

  it.each([408, 480, 500, 503, 504])(
    'after %d it is asked for again, later and later',
    (status) => {
      expect(walk(registered, answer(status)).did).toBe('waiting | forget | timer 90');
      expect(walk(registered, answer(status), timer).did).toBe(
        'asking | forget | subscribe new 600000 fresh',
      );
      expect(walk(registered, answer(status), timer, answer(status)).did).toBe(
        'waiting | forget | timer 180',
      );
    },
  );

  it('Retry-After is kept to', () => {
    expect(walk(registered, answer(503, { retryAfterS: 3600 })).did).toBe(
      'waiting | forget | timer 3600',
    );
    expect(walk(registered, answer(413, { retryAfterS: 3600 })).did).toBe(
      'waiting | forget | timer 3600',
    );
    expect(walk(registered, answer(603, { retryAfterS: 3600 })).did).toContain('refused');
  });

  it('a renewal that fails leaves what there was, and is repeated in its dialog', () => {
    expect(walk(...subscribed, timer, answer(503)).did).toBe('waiting | timer 90');
    expect(walk(...subscribed, timer, answer(503), timer).did).toBe(
      'asking | subscribe same 600000 fresh',
    );
    expect(walk(...subscribed, timer, missed).did).toBe('waiting | timer 90');
    expect(walk(...subscribed, timer, missed, gone, timer).did).toContain('subscribe new');
    expect(walk(...subscribed, timer, missed, leaving).did).toContain('subscribe same 0');
  });

  it('a renewal that finds no subscription makes a new one at once, then later and later', () => {
    expect(walk(...subscribed, timer, answer(481)).did).toBe(
      'asking | stop-timer | forget | subscribe new 600000 fresh',
    );
    expect(walk(registered, answer(481)).did).toBe('waiting | forget | timer 90');
    expect(walk(...subscribed, timer, answer(481), answer(500)).did).toBe(
      'waiting | forget | timer 180',
    );
  });

  it('no answer at all is no refusal; a NOTIFY proves the subscription without one', () => {
    expect(walk(registered, missed).did).toBe('waiting | forget | timer 90');
    expect(walk(registered, notified({ expiresS: 7200 }), missed).did).toBe(
      'subscribed | timer 6600',
    );
  });

  it('without a NOTIFY within Timer N it is asked for anew', () => {
    expect(walk(...subscribed, gone).did).toBe('waiting | forget | timer 90');
    expect(walk(...subscribed, gone, timer).did).toContain('subscribe new');
  });
});

describe('REG-9: RFC 6665 §4.1.3 – subscriptions that the network ends', () => {
  it.each(['deactivated', 'timeout'])(
    '%s: it is made anew at once, but not in circles',
    (reason) => {
      const again = [...subscribed, over(reason)];

      expect(walk(...again).did).toBe('asking | stop-timer | forget | subscribe new 600000 fresh');
      expect(walk(...again, over(reason)).did).toBe('waiting | forget | timer 180');
    },
  );

  it.each(['probation', 'giveup', '', 'unheard-of'])('%j: later, and not before told', (reason) => {
    expect(walk(...subscribed, over(reason)).did).toBe('waiting | forget | timer 90');
    expect(walk(...subscribed, over(reason, 600)).did).toBe('waiting | forget | timer 600');
  });

  it.each(['rejected', 'noresource', 'invariant'])('%s: never', (reason) => {
    expect(walk(...subscribed, over(reason)).did).toBe(
      `refused | stop-timer | forget | note ${reason}`,
    );
  });

  it('with the registration: the next one brings its own', () => {
    const last = tells(ended('deactivated'), { state: 'terminated', reason: 'noresource' });

    expect(walk(...subscribed, tells({}), last).did).toBe(
      'idle | stop-timer | forget | report gone',
    );
  });

  it('before the 200 came: the same holds', () => {
    expect(walk(registered, over('rejected')).did).toContain('refused');
    expect(walk(registered, over('rejected'), answer(200)).did).toBe('refused');
  });
});

describe('REG-9: 3GPP TS 24.229 §5.1.2.1 – what is passed on', () => {
  it('a contact that stands is no news', () => {
    expect(walk(...subscribed, tells({})).did).toBe('subscribed');
    expect(walk(registered, tells({})).did).toBe('asking');
  });

  it('one shortened or gone is, be it before the 200', () => {
    const short = tells(withContact({ event: 'shortened', expires: 60 }));

    expect(walk(...subscribed, short).did).toBe('subscribed | report shortened');
    expect(walk(registered, short).did).toBe('asking | report shortened');
    expect(walk(...subscribed, { ...short, expiresS: 100 }).did).toBe(
      'subscribed | timer 50 | report shortened',
    );
    expect(walk(...subscribed, tells({}), tells(ended('rejected'))).effects).toEqual([
      { kind: 'report-verdict', verdict: { kind: 'gone', cause: 'rejected' } },
    ]);
  });

  it('a registration ended as soon as it was made is not remade in circles', () => {
    const end = tells(ended('deactivated'));
    const once = [...subscribed, tells({}), end, lost] as const;
    const twice = [...once, ...subscribed, tells({}), end] as const;

    expect(walk(...twice).effects).toEqual([
      { kind: 'report-verdict', verdict: { kind: 'gone', cause: 'probation', retryAfterS: 30 } },
    ]);
    expect(walk(...once, ...subscribed, refreshed, tells({}), end).effects).toMatchObject([
      { verdict: { cause: 'deactivated' } },
    ]);
  });

  it('after a gap full state is asked for, once', () => {
    const at = (version: number, state = 'partial'): Notified => tells({ version, state });
    const jumped = [...subscribed, at(0, 'full'), at(2)] as const;

    expect(walk(...jumped).did).toBe('asking | stop-timer | subscribe same 600000 fresh');
    expect(walk(...jumped, answer(200), at(4)).did).toBe('subscribed');
    expect(walk(...jumped, answer(200), at(5, 'full'), at(7)).did).toContain('subscribe same');
    expect(walk(...jumped, answer(200), timer, answer(200), at(9)).did).toContain('subscribe same');
  });

  it('a new dialog counts its versions anew', () => {
    expect(
      walk(...subscribed, tells({ version: 9 }), ...subscribed, tells(ended('rejected'))).did,
    ).toContain('report gone');
  });
});

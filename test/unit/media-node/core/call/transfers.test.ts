import { refusalOf } from '../../../../../media-node/src/core/call/call-machine.ts';
import type {
  CallEffect,
  CallEvent,
  Caller,
} from '../../../../../media-node/src/core/call/call-types.ts';
import { device, TALKING, walk, walkFrom } from './walk.ts';

const CAROL = 'sip:carol@ims.test';

/** What is said and done, timers and gates left out. */
const said = (effects: readonly CallEffect[]): readonly string[] =>
  effects.flatMap((it) => {
    switch (it.kind) {
      case 'start-timer':
      case 'stop-timer':
      case 'set-gate':
        return [];
      case 'notify': {
        const { notice } = it;
        const state = 'state' in notice ? ` ${notice.state}` : '';
        return [`${notice.event}${state}${'cause' in notice ? ` ${notice.cause}` : ''}`];
      }
      case 'tell-referrer':
      case 'refuse-referral':
      case 'refuse-successor':
        return [`${it.kind} ${String(it.status)}`];
      case 'finish':
        return [`finish ${it.cause}`];
      default:
        return [it.kind];
    }
  });

const asked: CallEvent = {
  ...{ kind: 'device-transferred', device },
  refer: { target: CAROL, referredBy: 'sip:alice@ims.test' },
};
const referred: CallEvent = { kind: 'ims-referred', target: CAROL };
const gone: CallEvent = { kind: 'sip-hung-up' };

describe('SES-5: our user hands the other side on', () => {
  it('asks, follows, and leaves once the two are connected', () => {
    const trying = walkFrom(TALKING, asked);
    const ringing = walkFrom(trying.state, { kind: 'sip-refer-progressed', status: 180 });
    const done = walkFrom(ringing.state, { kind: 'sip-refer-settled', status: 200 });

    expect(said(trying.last)).toEqual(['send-refer', 'call.transfer trying']);
    expect(said(ringing.last)).toEqual(['call.transfer ringing']);
    expect(said(done.last)).toEqual([
      ...['send-bye', 'call.transfer done', 'finish-transfer'],
      ...['call.ended transferred', 'finish transferred'],
    ]);
  });

  it.each([
    ['it is refused', { kind: 'sip-refer-settled', status: 486 }],
    ['nobody says how it goes', { kind: 'timer-fired', timer: 'transfer' }],
  ] as const)('goes on where %s', (_, event) => {
    const { last, state } = walkFrom(TALKING, asked, event);

    expect(state).toEqual(TALKING);
    expect(said(last)).toEqual(['call.transfer failed']);
  });

  it('is done where the other side leaves for it, and not where it leaves before', () => {
    const accepted: CallEvent = { kind: 'sip-refer-progressed', status: 100 };

    expect(said(walkFrom(TALKING, asked, accepted, gone).last)).toContain('finish transferred');
    expect(said(walkFrom(TALKING, asked, gone).last)).toContain('finish remote-hung-up');
  });
});

describe('SES-5: our user wants to hand the other side on', () => {
  const from: Caller = { uri: 'sip:erin@ims.test' };

  it.each<readonly [string, CallEvent]>([
    ['is handed on already', asked],
    ['hands us on itself', { kind: 'ims-referred', target: CAROL }],
    ['is being replaced', { kind: 'ims-replaced', from, sdp: 'offer' }],
  ])('and is refused while it %s', (_, before) => {
    const { state } = walkFrom(TALKING, before);

    expect(refusalOf(TALKING, 'device-transferred', device)).toBeUndefined();
    expect(refusalOf(state, 'device-transferred', device)).toBe('call.wrong-state');
    expect(refusalOf(state, 'device-held', device)).toBeUndefined();
  });
});

describe('SES-5: the other side hands us on', () => {
  const trying = walkFrom(TALKING, referred);

  it('we call whom it names, and are with them once they answer', () => {
    const ringing = walkFrom(trying.state, { kind: 'next-progressed', status: 180 });
    const there = walkFrom(ringing.state, { kind: 'next-answered', sdp: 'theirs' });

    expect(said(trying.last)).toEqual([
      ...['accept-referral', 'tell-referrer 100', 'call.moving trying', 'call-next'],
    ]);
    expect(said(ringing.last)).toEqual(['tell-referrer 180', 'call.moving ringing']);
    expect(said(there.last)).toEqual([
      ...['tell-referrer 200', 'become-next', 'take-ims-answer', 'call.moved'],
    ]);
    expect(there.state).toEqual(TALKING);
  });

  it('a hold of whom we leave does not follow us', () => {
    const held: CallEvent = { kind: 'ims-reoffer-taken', imsAnswer: 'a', isHeld: true };

    const { last, state } = walkFrom(TALKING, held, referred, { kind: 'next-answered', sdp: 's' });

    expect(said(last)).toContain('call.held');
    expect(state).toEqual(TALKING);
  });

  it.each([
    ['they refuse', { kind: 'next-rejected', status: 486 }, []],
    ['nobody answers', { kind: 'timer-fired', timer: 'transfer' }, ['cancel-next']],
  ] as const)('we stay where %s', (_, event, first) => {
    const { last, state } = walkFrom(trying.state, event);

    expect(state).toEqual(TALKING);
    const status = event.kind === 'next-rejected' ? 486 : 408;
    expect(said(last)).toEqual([...first, `tell-referrer ${String(status)}`, 'call.moving failed']);
  });

  it('who leaves before we are answered leaves us to it', () => {
    const alone = walkFrom(trying.state, gone);

    expect(said(alone.last)).toEqual([]);
    expect(said(walkFrom(alone.state, { kind: 'next-answered', sdp: 's' }).last)).toContain(
      'become-next',
    );
    expect(said(walkFrom(alone.state, { kind: 'next-rejected', status: 486 }).last)).toEqual([
      ...['tell-referrer 486', 'call.ended busy', 'finish busy'],
    ]);
    expect(said(walkFrom(alone.state, { kind: 'device-hung-up', device }).last)).not.toContain(
      'send-bye',
    );
  });

  it('our user may leave meanwhile: nobody is left ringing', () => {
    expect(said(walkFrom(trying.state, { kind: 'device-hung-up', device }).last)).toEqual([
      ...['cancel-next', 'tell-referrer 487', 'send-bye', 'call.ended hung-up', 'finish hung-up'],
    ]);
  });

  it('one at a time, and not while our user hands them on', () => {
    expect(said(walkFrom(trying.state, referred).last)).toEqual(['refuse-referral 491']);
    expect(said(walkFrom(TALKING, asked, referred).last)).toEqual(['refuse-referral 491']);
  });
});

describe('SES-5: somebody takes the place of the other side', () => {
  const replaced: CallEvent = {
    ...{ kind: 'ims-replaced', from: { uri: CAROL }, sdp: 'their offer' },
  };
  const coming = walkFrom(TALKING, replaced);

  it('is answered with the media there is, and the former let go', () => {
    const there = walkFrom(coming.state, { kind: 'ims-reoffer-taken', imsAnswer: 'ours' });

    expect(said(coming.last)).toEqual(['take-ims-reoffer']);
    expect(said(there.last)).toEqual(['answer-successor', 'become-next', 'call.moved']);
    expect(there.state).toEqual(TALKING);
  });

  it('is refused where there is no common ground, and the call goes on', () => {
    const { last, state } = walkFrom(coming.state, { kind: 'ims-reoffer-refused' });

    expect(said(last)).toEqual(['refuse-successor 488']);
    expect(state).toEqual(TALKING);
  });

  it('is refused while we are on our way to somebody else', () => {
    expect(said(walkFrom(TALKING, referred, replaced).last)).toEqual(['refuse-successor 491']);
  });
});

describe('SES-5: somebody takes our call where it rings at another (RFC 3891 §3)', () => {
  const replaced: CallEvent = {
    ...{ kind: 'ims-replaced', from: { uri: CAROL }, sdp: 'their offer' },
  };
  const taken: CallEvent = { kind: 'ims-reoffer-taken', imsAnswer: 'ours' };
  const RINGING = walk(
    { kind: 'device-called', device, target: 'sip:echo@d', sdp: 'offer' },
    { kind: 'media-prepared', device, accessSdp: 'answer', imsOffer: 'ims offer' },
    { kind: 'media-connected', device },
    { kind: 'sip-progressed', status: 180 },
  ).state;

  it('is answered, and it is our call from then on', () => {
    const there = walkFrom(RINGING, replaced, taken);

    expect(said(walkFrom(RINGING, replaced).last)).toEqual(['take-ims-reoffer']);
    expect(said(there.last)).toEqual([
      ...['answer-successor', 'become-next', 'record-answer', 'call.answered', 'call.moved'],
    ]);
    expect(there.state).toMatchObject({ kind: 'established', connected: true });
    expect(there.last).toContainEqual({ kind: 'stop-timer', timer: 'no-answer' });
    expect(there.last).toContainEqual({
      ...{ kind: 'set-gate', device },
      gate: { toIms: true, toBrowser: true },
    });
  });

  it('is refused where there is no common ground, and it rings on', () => {
    const { last, state } = walkFrom(RINGING, replaced, { kind: 'ims-reoffer-refused' });

    expect(said(last)).toEqual(['refuse-successor 488']);
    expect(state).toEqual(RINGING);
  });

  it('is one at a time', () => {
    expect(said(walkFrom(RINGING, replaced, replaced).last)).toEqual(['refuse-successor 491']);
  });

  it('goes before whoever answers at that very moment', () => {
    const answered: CallEvent = { kind: 'sip-answered', sdp: 'theirs' };

    expect(said(walkFrom(RINGING, replaced, answered, taken).last)).toEqual([
      ...['answer-successor', 'become-next', 'call.moved'],
    ]);
  });
});

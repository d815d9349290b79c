import { sessionId } from '@isthmus/shared/domain/ids';
import {
  answersOpenOffer,
  idle,
  refusalOf,
  step,
} from '../../../../../media-node/src/core/call/call-machine.ts';
import type {
  CallEffect,
  CallEvent,
  CallState,
} from '../../../../../media-node/src/core/call/call-types.ts';
import { walk } from './walk.ts';

const a = sessionId('device-a');
const b = sessionId('device-b');

const kinds = (effects: readonly CallEffect[]): string[] => effects.map(({ kind }) => kind);
const noticesTo = (device: string, effects: readonly CallEffect[]): string[] =>
  effects.flatMap((it) => {
    if (it.kind !== 'notify' || it.device !== device) return [];
    const { notice } = it;
    return notice.event === 'call.ended' ? `${notice.event}:${notice.cause}` : notice.event;
  });
const gates = (effects: readonly CallEffect[]): string[] =>
  effects.flatMap((it) =>
    it.kind === 'set-gate' ? `${String(it.gate.toIms)}/${String(it.gate.toBrowser)}` : [],
  );

const called: CallEvent = { kind: 'device-called', device: a, target: 'sip:echo@d', sdp: 'offer' };
const prepared: CallEvent = {
  kind: 'media-prepared',
  device: a,
  accessSdp: 'early answer',
  imsOffer: 'ims offer',
};
const connected: CallEvent = { kind: 'media-connected', device: a };
const answered: CallEvent = { kind: 'sip-answered', sdp: 'ims answer' };
const rung: CallEvent = { kind: 'sip-progressed', status: 180 };
const hungUp: CallEvent = { kind: 'device-hung-up', device: a };
const imsCalled = {
  kind: 'ims-called' as const,
  devices: [a, b],
  from: { uri: 'sip:bob@d' },
  sdp: 'ims offer',
};
const offered = (device: typeof a) => ({
  kind: 'media-prepared' as const,
  device,
  accessSdp: 'offer',
});
const accepts = (device: typeof a): CallEvent => ({
  kind: 'device-accepted',
  device,
  imsAnswer: 'answer',
});

describe('SES-1: an outgoing call', () => {
  it('grants the early answer and invites IMS as soon as media is open', () => {
    const { last } = walk(called, prepared);

    expect(kinds(last)).toEqual(['grant-start', 'send-invite', 'start-timer']);
  });

  it('MED-11: lets nothing of the microphone toward IMS before the 200', () => {
    const early = walk(called, prepared, {
      kind: 'sip-progressed',
      status: 183,
      sdp: 'early media',
    });
    const { last } = walk(called, prepared, rung, answered);

    expect(gates(early.effects)).toEqual(['false/true']);
    expect(gates(last)).toEqual(['true/true']);
  });

  it('tells the caller of ringing, early media and the answer', () => {
    const { effects } = walk(
      called,
      prepared,
      rung,
      { kind: 'sip-progressed', status: 183, sdp: 'x' },
      answered,
    );

    expect(noticesTo(a, effects)).toEqual(['call.progress', 'call.progress', 'call.answered']);
  });

  it.each([
    ['nothing of the network’s is to be heard', undefined, 180, undefined, ['ringing true'], []],
    ['it plays its own', 'media', 183, undefined, ['early-media false'], ['false/true']],
    [
      'the network vouches for it',
      'media',
      180,
      'authorized',
      ['early-media false'],
      ['false/true'],
    ],
    ['the network forbids it', 'media', 183, 'refused', [], ['false/false']],
    [
      'it rings and the network forbids more',
      'media',
      180,
      'refused',
      ['ringing true'],
      ['false/false'],
    ],
    [
      'it is allowed without news of media',
      undefined,
      183,
      'authorized',
      ['early-media false'],
      ['false/true'],
    ],
    ['it is only on its way', undefined, 183, undefined, [], []],
  ] as const)('SES-3: of early media, when %s', (_, sdp, status, earlyMedia, progress, gate) => {
    const { last } = walk(called, prepared, {
      ...{ kind: 'sip-progressed', status },
      ...(sdp && { sdp }),
      ...(earlyMedia && { earlyMedia }),
    });
    const heard = last.flatMap((it) =>
      it.kind === 'notify' && it.notice.event === 'call.progress'
        ? [`${it.notice.state} ${String(it.notice.localRingback)}`]
        : [],
    );

    expect(heard).toEqual(progress);
    expect(gates(last)).toEqual(gate);
  });

  it('RFC 3960 §3.2: plays no tone over what the far end plays, until the network forbids that', () => {
    const early: CallEvent = { kind: 'sip-progressed', status: 183, sdp: 'x' };
    const forbidden: CallEvent = { kind: 'sip-progressed', status: 180, earlyMedia: 'refused' };
    const ringback = (effects: readonly CallEffect[]): unknown[] =>
      effects.flatMap((it) =>
        it.kind === 'notify' && it.notice.event === 'call.progress'
          ? [it.notice.localRingback]
          : [],
      );

    expect(ringback(walk(called, prepared, early, rung).last)).toEqual([false]);
    expect(ringback(walk(called, prepared, early, forbidden, rung).last)).toEqual([true]);
  });

  it('RFC 3311 §5.2: answers an UPDATE before the answer, or refuses it and rings on', () => {
    const asked = walk(called, prepared, rung, { kind: 'sip-reoffered', sdp: 'new' });
    const answers = step(asked.state, { kind: 'ims-reoffer-taken', imsAnswer: 'ours' });
    const refuses = step(asked.state, { kind: 'ims-reoffer-refused' });

    expect(kinds(asked.last)).toEqual(['take-ims-reoffer']);
    expect(answers.effects).toEqual([{ kind: 'send-reoffer-answer', sdp: 'ours' }]);
    expect(kinds(refuses.effects)).toEqual(['send-reoffer-refusal']);
    expect(refuses.state.kind).toBe('inviting');
  });

  it('SES-1: refused in general terms ends with what its Reason knows', () => {
    const { state } = walk(called, prepared, {
      ...{ kind: 'sip-rejected', status: 480, reason: 'x', q850: 17 },
    });

    expect(state).toEqual({ kind: 'released', cause: 'busy' });
  });

  it.each([
    [486, 'busy'],
    [603, 'declined'],
    [404, 'not-found'],
    [480, 'unavailable'],
  ])('that IMS refuses with %i ends as %s', (status, cause) => {
    const { state, last } = walk(called, prepared, { kind: 'sip-rejected', status, reason: 'x' });

    expect(state).toEqual({ kind: 'released', cause });
    expect(noticesTo(a, last)).toEqual([`call.ended:${cause}`]);
    expect(kinds(last)).toContain('finish');
  });

  it('hung up while it rings is cancelled, and a 200 that crosses the CANCEL gets a BYE', () => {
    const cancelled = walk(called, prepared, rung, hungUp);
    const crossed = step(cancelled.state, answered);

    expect(kinds(cancelled.last)).toContain('send-cancel');
    expect(noticesTo(a, cancelled.last)).toEqual(['call.ended:cancelled']);
    expect(kinds(crossed.effects)).toContain('send-bye');
    expect(kinds(crossed.effects).filter((kind) => kind === 'finish')).toHaveLength(1);
  });

  it('nobody answers is cancelled when the time is up', () => {
    const { state, last } = walk(called, prepared, rung, {
      kind: 'timer-fired',
      timer: 'no-answer',
    });

    expect(state).toEqual({ kind: 'cancelling', cause: 'no-answer' });
    expect(kinds(last)).toContain('send-cancel');
  });

  it('whose offer cannot be used is refused to the caller and never invites', () => {
    const { effects } = walk(called, {
      kind: 'media-refused',
      device: a,
      code: 'sdp.no-common-codec',
    });

    expect(kinds(effects)).toContain('refuse-start');
    expect(kinds(effects)).not.toContain('send-invite');
  });

  it('hung up before media is open refuses the pending start', () => {
    const { state, effects } = walk(called, hungUp);

    expect(state.kind).toBe('released');
    expect(kinds(effects)).toContain('refuse-start');
  });

  it('MED-4: answered with another codec is re-offered, the gate shut until the browser answers', () => {
    const before = walk(called, prepared, connected, answered, {
      kind: 'ims-answer-taken',
      reoffer: 'new offer',
    });
    const after = step(before.state, { kind: 'device-answered', device: a, offerId: 0 });

    expect(noticesTo(a, before.last)).toEqual(['call.offer']);
    expect(gates(before.last)).toEqual(['false/true']);
    expect(answersOpenOffer(before.state, 0)).toBe(true);
    expect(gates(after.effects)).toEqual(['true/true']);
    expect(answersOpenOffer(after.state, 0)).toBe(false);
  });

  it('re-offered during early media keeps the gate shut at the answer', () => {
    const { last } = walk(
      called,
      prepared,
      { kind: 'sip-progressed', status: 183, sdp: 'x' },
      { kind: 'ims-answer-taken', reoffer: 'new offer' },
      answered,
    );

    expect(gates(last)).toEqual(['false/true']);
  });

  it('whose answer cannot be used gets a BYE', () => {
    const { state, last } = walk(called, prepared, answered, { kind: 'ims-answer-refused' });

    expect(state).toEqual({ kind: 'released', cause: 'not-acceptable' });
    expect(kinds(last)).toContain('send-bye');
  });
});

describe('SES-2: an incoming call', () => {
  it('rings every device and sends one 180', () => {
    const { effects } = walk(imsCalled, offered(a), offered(b));

    expect(noticesTo(a, effects)).toEqual(['call.incoming']);
    expect(noticesTo(b, effects)).toEqual(['call.incoming']);
    expect(kinds(effects).filter((kind) => kind === 'send-ring')).toHaveLength(1);
  });

  it('REG-11: is taken by the first answer, and the others are told', () => {
    const { state, last } = walk(imsCalled, offered(a), offered(b), accepts(b));

    expect(state).toMatchObject({ kind: 'established', device: b });
    expect(noticesTo(a, last)).toEqual(['call.ended:answered-elsewhere']);
    expect(kinds(last)).toContain('release-media');
    expect(refusalOf(state, 'device-accepted', a)).toBe('call.wrong-state');
  });

  it('declined is refused with 603 on all devices', () => {
    const { last } = walk(imsCalled, offered(a), {
      kind: 'device-declined',
      device: a,
      reason: 'declined',
    });

    expect(last).toContainEqual({ kind: 'send-reject', status: 603 });
    expect(noticesTo(b, last)).toEqual(['call.ended:declined']);
  });

  it('that finds one device busy rings on at the other, and 486 when all are', () => {
    const one = walk(imsCalled, offered(a), {
      kind: 'device-declined',
      device: a,
      reason: 'busy',
    });
    const both = step(one.state, { kind: 'device-declined', device: b, reason: 'busy' });

    expect(one.state).toMatchObject({ kind: 'alerting', devices: [b] });
    expect(both.effects).toContainEqual({ kind: 'send-reject', status: 486 });
  });

  it('given up by the caller ends as cancelled', () => {
    const { state, last } = walk(imsCalled, offered(a), { kind: 'sip-cancelled' });

    expect(state).toEqual({ kind: 'released', cause: 'cancelled' });
    expect(noticesTo(a, last)).toEqual(['call.ended:cancelled']);
  });

  it('nobody takes is refused with 480 when the time is up', () => {
    const { last } = walk(imsCalled, offered(a), { kind: 'timer-fired', timer: 'no-answer' });

    expect(last).toContainEqual({ kind: 'send-reject', status: 480 });
  });

  it('whose access leg was warm before the answer does not wait for it again', () => {
    const { state } = walk(imsCalled, offered(a), connected, accepts(a));

    expect(state).toMatchObject({ kind: 'established', connected: true });
  });
});

describe('a conversation', () => {
  const talking = [called, prepared, connected, answered] as const;

  it('hung up by the browser gets a BYE', () => {
    const { state, last } = walk(...talking, hungUp);

    expect(state).toEqual({ kind: 'released', cause: 'hung-up' });
    expect(kinds(last)).toContain('send-bye');
  });

  it('SES-1: ended by the network rather than by a person says so', () => {
    const { state } = walk(...talking, { kind: 'sip-hung-up', q850: 38 });

    expect(state).toEqual({ kind: 'released', cause: 'network-failure' });
  });

  it('hung up by IMS is over without a BYE of ours', () => {
    const { state, last } = walk(...talking, { kind: 'sip-hung-up' });

    expect(state).toEqual({ kind: 'released', cause: 'remote-hung-up' });
    expect(kinds(last)).not.toContain('send-bye');
  });

  it('MED-6: whose browser fell silent for good is released with its cause', () => {
    const waited: CallEvent = { kind: 'timer-fired', timer: 'path' };
    const { state, last } = walk(...talking, { kind: 'consent-lost', device: a }, waited);

    expect(state).toEqual({ kind: 'released', cause: 'media-lost' });
    expect(kinds(last)).toContain('send-bye');
  });

  it('whose access leg never came up is released', () => {
    const { state } = walk(called, prepared, answered, {
      kind: 'timer-fired',
      timer: 'access-setup',
    });

    expect(state).toEqual({ kind: 'released', cause: 'media-lost' });
  });

  it('answers a re-INVITE, or refuses what it cannot use and goes on', () => {
    const asked = walk(...talking, { kind: 'sip-reoffered', sdp: 'new' });
    const taken = step(asked.state, { kind: 'ims-reoffer-taken', imsAnswer: 'ours' });
    const refused = step(asked.state, { kind: 'ims-reoffer-refused' });

    expect(kinds(asked.last)).toEqual(['take-ims-reoffer']);
    expect(taken.effects).toEqual([{ kind: 'send-reoffer-answer', sdp: 'ours' }]);
    expect(kinds(refused.effects)).toEqual(['send-reoffer-refusal']);
    expect(refused.state.kind).toBe('established');
  });

  it('takes the answer of an offerless INVITE from the ACK', () => {
    const { last } = walk(imsCalled, offered(a), accepts(a), {
      kind: 'sip-acknowledged',
      sdp: 'late answer',
    });

    expect(kinds(last)).toEqual(['take-ims-answer']);
  });
});

describe('SES-8: a session that ends in a call', () => {
  const left = (cause?: 'client-lost'): CallEvent => ({
    ...{ kind: 'device-left', device: a },
    ...(cause && { cause }),
  });
  const causeAfter = (...events: readonly CallEvent[]): unknown =>
    walk(...events).effects.flatMap((it) => (it.kind === 'finish' ? it.cause : []));

  it('is told apart from its user hanging up', () => {
    const rejected: CallEvent = { kind: 'sip-rejected', status: 487, reason: 'Terminated' };
    const ringing = [called, prepared, rung];

    expect(causeAfter(...ringing, answered, left())).toEqual(['hung-up']);
    expect(causeAfter(...ringing, answered, left('client-lost'))).toEqual(['client-lost']);
    expect(causeAfter(...ringing, left(), rejected)).toEqual(['cancelled']);
    expect(causeAfter(...ringing, left('client-lost'), rejected)).toEqual(['client-lost']);
    expect(causeAfter(called, left('client-lost'))).toEqual(['client-lost']);
  });
});

describe('every state under every event', () => {
  const states: readonly CallState[] = [
    idle,
    walk(called).state,
    walk(called, prepared).state,
    walk(called, prepared, hungUp).state,
    walk(imsCalled).state,
    walk({ ...imsCalled, needsEarlyAnswer: true }).state,
    walk({ ...imsCalled, needsEarlyAnswer: true }, { ...offered(a), imsAnswer: 'x' }).state,
    walk(called, prepared, answered).state,
    walk(called, prepared, answered, hungUp).state,
  ];
  const events: readonly CallEvent[] = [
    called,
    imsCalled,
    prepared,
    offered(b),
    { kind: 'media-refused', device: a, code: 'internal' },
    connected,
    { kind: 'media-failed', device: a },
    { kind: 'consent-lost', device: b },
    { kind: 'consent-restored', device: b },
    { kind: 'ims-answer-taken', reoffer: 'x' },
    { kind: 'ims-answer-refused' },
    { kind: 'ims-reoffer-taken', imsAnswer: 'x', reoffer: 'y' },
    { kind: 'ims-reoffer-refused' },
    { kind: 'device-rang', device: a },
    accepts(a),
    { kind: 'device-declined', device: a, reason: 'declined' },
    { kind: 'device-answered', device: a, offerId: 0 },
    hungUp,
    { kind: 'device-left', device: a },
    rung,
    answered,
    { kind: 'sip-rejected', status: 486, reason: 'Busy Here' },
    { kind: 'sip-acknowledged' },
    { kind: 'sip-acknowledged', sdp: 'x' },
    { kind: 'sip-ready' },
    { kind: 'sip-cancelled' },
    { kind: 'sip-hung-up' },
    { kind: 'sip-reoffered' },
    { kind: 'timer-fired', timer: 'no-answer' },
    { kind: 'timer-fired', timer: 'access-setup' },
    { kind: 'timer-fired', timer: 'path' },
    { kind: 'timer-fired', timer: 'reoffer' },
  ];

  const cells = states.flatMap((state) => events.map((event) => ({ state, event })));

  it('finishes a call once, when it is released', () => {
    for (const { state, event } of cells) {
      const next = step(state, event);
      const isOver = next.state.kind === 'released' && state.kind !== 'released';
      const finishes = kinds(next.effects).filter((kind) => kind === 'finish').length;
      expect([state.kind, event.kind, finishes]).toEqual([state.kind, event.kind, isOver ? 1 : 0]);
    }
  });

  it('never leaves the released state', () => {
    for (const { state, event } of cells.filter((cell) => cell.state.kind === 'released')) {
      expect(step(state, event)).toEqual({ state, effects: [] });
    }
  });
});

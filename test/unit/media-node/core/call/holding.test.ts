import { sessionId } from '@isthmus/shared/domain/ids';
import { idle, refusalOf, step } from '../../../../../media-node/src/core/call/call-machine.ts';
import type { CallEffect, CallEvent } from '../../../../../media-node/src/core/call/call-types.ts';
import { device, TALKING, walkFrom } from './walk.ts';

const held: CallEvent = { kind: 'device-held', device };
const resumed: CallEvent = { kind: 'device-resumed', device };
const answered: CallEvent = { kind: 'sip-offer-answered', sdp: 'agreed' };
const heldByThem: CallEvent = { kind: 'ims-reoffer-taken', imsAnswer: 'a', isHeld: true };
const resumedByThem: CallEvent = { kind: 'ims-reoffer-taken', imsAnswer: 'a', isHeld: false };

const noticesIn = (effects: readonly CallEffect[]): readonly string[] =>
  effects.flatMap((it) => {
    if (it.kind !== 'notify' || it.notice.event !== 'call.held') return [];
    return `us ${String(it.notice.byUs)}, them ${String(it.notice.byThem)}`;
  });
const gatesIn = (effects: readonly CallEffect[]): readonly unknown[] =>
  effects.flatMap((it) => (it.kind === 'set-gate' ? [it.gate] : []));
const offersIn = (effects: readonly CallEffect[]): readonly boolean[] =>
  effects.flatMap((it) => (it.kind === 'make-ims-offer' ? [it.isHeld] : []));

describe('SES-5: our user holds', () => {
  it('is silent at once, told at once, and IMS is offered the hold', () => {
    const { last } = walkFrom(TALKING, held);

    expect(gatesIn(last)).toEqual([{ toIms: false, toBrowser: false, rtcp: true }]);
    expect(noticesIn(last)).toEqual(['us true, them false']);
    expect(offersIn(last)).toEqual([true]);
  });

  it('the offer goes out as it was made, and its answer is taken', () => {
    const made = walkFrom(TALKING, held, { kind: 'ims-offer-made', sdp: 'sendonly' });
    const taken = walkFrom(made.state, answered);

    expect(made.last).toEqual([{ kind: 'send-offer', sdp: 'sendonly' }]);
    expect(taken.last).toEqual([{ kind: 'take-ims-answer', device, sdp: 'agreed' }]);
  });

  it('resuming opens the gate at once and offers the stream back', () => {
    const { last } = walkFrom(TALKING, held, answered, resumed);

    expect(gatesIn(last)).toEqual([{ toIms: true, toBrowser: true }]);
    expect(noticesIn(last)).toEqual(['us false, them false']);
    expect(offersIn(last)).toEqual([false]);
  });

  it.each([
    ['a hold while it holds', [held], held],
    ['a resumption while it does not hold', [], resumed],
  ])('%s does nothing', (_, before, event) => {
    const { state } = walkFrom(TALKING, ...before);

    expect(step(state, event)).toEqual({ state, effects: [] });
  });

  it('a hold that IMS refuses still silences our side', () => {
    const { last, state } = walkFrom(TALKING, held, { kind: 'sip-offer-refused', status: 488 });

    expect(last).toEqual([]);
    expect(noticesIn(step(state, resumed).effects)).toEqual(['us false, them false']);
  });

  it('a resumption that IMS refuses leaves the call held, and the user is told', () => {
    const refused: CallEvent = { kind: 'sip-offer-refused', status: 500 };
    const { last } = walkFrom(TALKING, held, answered, resumed, refused);

    expect(noticesIn(last)).toEqual(['us true, them false']);
    expect(gatesIn(last)).toEqual([{ toIms: false, toBrowser: false, rtcp: true }]);
  });

  it('another codec agreed meanwhile opens nothing', () => {
    const reoffered: CallEvent = { kind: 'ims-reoffer-taken', imsAnswer: 'a', reoffer: 'b' };
    const during = walkFrom(TALKING, held, answered, reoffered);
    const after = walkFrom(during.state, { kind: 'device-answered', device, offerId: 0 });

    expect(gatesIn(during.last).at(-1)).toMatchObject({ toBrowser: false });
    expect(gatesIn(after.last)).toEqual([{ toIms: false, toBrowser: false, rtcp: true }]);
  });

  it.each(['device-held', 'device-resumed'] as const)('%s fits only a call that is on', (kind) => {
    const { state } = walkFrom(idle, {
      ...{ kind: 'device-called', device, target: 'sip:echo@d', sdp: 'offer' },
    });

    expect(refusalOf(state, kind, device)).toBe('call.wrong-state');
    expect(refusalOf(TALKING, kind, device)).toBeUndefined();
    expect(refusalOf(TALKING, kind, sessionId('another'))).toBe('call.wrong-state');
  });
});

describe('SES-5: the other side holds', () => {
  it('is told once, and again when it resumes', () => {
    const first = walkFrom(TALKING, heldByThem);
    const second = walkFrom(first.state, heldByThem);
    const third = walkFrom(second.state, resumedByThem);

    expect([first, second, third].map(({ last }) => noticesIn(last))).toEqual([
      ['us false, them true'],
      [],
      ['us false, them false'],
    ]);
  });

  it('both may hold, and resume in either order', () => {
    const both = walkFrom(TALKING, held, answered, heldByThem);
    const weFirst = walkFrom(both.state, resumed);
    const theyFirst = walkFrom(both.state, resumedByThem);

    expect(noticesIn(both.last)).toEqual(['us true, them true']);
    expect(noticesIn(weFirst.last)).toEqual(['us false, them true']);
    expect(noticesIn(walkFrom(weFirst.state, resumedByThem).last)).toEqual([
      'us false, them false',
    ]);
    expect(noticesIn(theyFirst.last)).toEqual(['us true, them false']);
    expect(noticesIn(walkFrom(theyFirst.state, resumed).last)).toEqual(['us false, them false']);
  });

  it('SES-4: an offer of ours that theirs overtook is made anew behind it', () => {
    const { last } = walkFrom(TALKING, held, heldByThem);

    expect(offersIn(last)).toEqual([true]);
  });

  it('an answer that takes no media is a hold from the first moment', () => {
    const asCaller = walkFrom(TALKING, { kind: 'ims-answer-taken', isHeld: true });
    const asCallee = walkFrom(
      idle,
      { kind: 'ims-called', devices: [device], from: { uri: 'sip:bob@d' }, sdp: 'sendonly' },
      { kind: 'media-prepared', device, accessSdp: 'offer' },
      { kind: 'device-accepted', device, imsAnswer: 'recvonly', isHeld: true },
    );

    expect(noticesIn(asCaller.last)).toEqual(['us false, them true']);
    expect(noticesIn(asCallee.last)).toEqual(['us false, them true']);
  });
});

describe('SES-5: keys during a call', () => {
  const pressed = { digit: '5', durationMs: 120 };
  const byRtp = (from: 'browser' | 'ims'): CallEvent => ({
    ...{ kind: 'digit-heard', device, from },
    ...pressed,
  });

  it.each([
    ['RTP', byRtp('ims')],
    ['INFO', { kind: 'sip-digit', ...pressed }],
  ] as const)('of the other side by %s are told', (_, event) => {
    expect(walkFrom(TALKING, event).last).toEqual([
      { kind: 'notify', device, notice: { event: 'call.dtmf', ...pressed } },
    ]);
  });

  it('of our user go to the leg, which knows whether RTP was enough', () => {
    expect(walkFrom(TALKING, byRtp('browser')).last).toEqual([{ kind: 'send-digit', ...pressed }]);
  });

  it('of a call that our user holds are nobody’s', () => {
    const { state } = walkFrom(TALKING, held, answered);

    expect(step(state, { kind: 'sip-digit', ...pressed }).effects).toEqual([]);
  });
});

import { sessionId } from '@isthmus/shared/domain/ids';
import type { VideoWish } from '@isthmus/shared/wire/video';
import { idle, refusalOf } from '../../../../../media-node/src/core/call/call-machine.ts';
import type { CallEffect, CallEvent } from '../../../../../media-node/src/core/call/call-types.ts';
import { device, walkFrom } from './walk.ts';

const WORDS = 'There can be no video in this call now.';
const DARK = { ours: false, theirs: false };
const BOTH = { ours: true, theirs: true };

const TALKING = walkFrom(
  idle,
  { kind: 'device-called', device, target: 'sip:echo@d', sdp: 'offer' },
  { kind: 'media-prepared', device, accessSdp: 'answer', imsOffer: 'ims offer' },
  { kind: 'sip-answered', sdp: 'ims answer' },
  { kind: 'ims-answer-taken', isHeld: false, view: DARK },
  { kind: 'media-connected', device },
).state;

const films = (video: VideoWish): CallEvent => ({ kind: 'device-filmed', device, video });
const isOffered: CallEvent = { kind: 'video-wanted', isOffered: true, view: DARK };
const answered: CallEvent = { kind: 'sip-offer-answered', sdp: 'agreed' };
const refused: CallEvent = { kind: 'sip-offer-refused', status: 488 };
const agreed: CallEvent = {
  ...{ kind: 'ims-answer-taken', view: BOTH },
  ...{ reoffer: 'with video', voiceGoesOn: true },
};
const declined: CallEvent = { kind: 'ims-answer-taken', view: DARK };

const noticesIn = (effects: readonly CallEffect[]): readonly unknown[] =>
  effects.flatMap((it) => (it.kind === 'notify' ? [it.notice] : []));
const kindsOf = (effects: readonly CallEffect[]): readonly string[] => effects.map((it) => it.kind);

describe('SES-5: our user adds video', () => {
  it('IMS is asked first, the browser offered what came of it, and both told', () => {
    const asked = walkFrom(TALKING, films('sendrecv'));
    const offered = walkFrom(asked.state, isOffered);
    const taken = walkFrom(offered.state, answered);
    const done = walkFrom(taken.state, agreed);

    expect(asked.last).toEqual([{ kind: 'want-video', device, wish: 'sendrecv' }]);
    expect(offered.last).toEqual([{ kind: 'make-ims-offer', device, isHeld: false }]);
    expect(taken.last).toEqual([{ kind: 'take-ims-answer', device, sdp: 'agreed' }]);
    expect(noticesIn(done.last)).toEqual([
      { event: 'call.offer', offerId: 0, sdp: 'with video' },
      { event: 'call.video', ...BOTH },
    ]);
  });

  it('and the voice goes on while the browser answers', () => {
    const { last } = walkFrom(TALKING, films('sendrecv'), isOffered, answered, agreed);

    expect(kindsOf(last)).not.toContain('set-gate');
  });

  it('that IMS leaves out is said in words', () => {
    const { last } = walkFrom(TALKING, films('sendrecv'), isOffered, answered, declined);

    expect(noticesIn(last)).toEqual([{ event: 'call.video', ...DARK, refused: WORDS }]);
  });

  it('with the call itself, and is told where IMS leaves it out of its answer', () => {
    const dialled = walkFrom(
      idle,
      { kind: 'device-called', device, target: 'sip:echo@d', sdp: 'offer' },
      { kind: 'media-prepared', device, accessSdp: 'answer', imsOffer: 'ims offer' },
      { kind: 'sip-answered', sdp: 'ims answer' },
    ).state;
    const without = walkFrom(dialled, { kind: 'ims-answer-taken', view: DARK, asksVideo: true });
    const later = walkFrom(without.state, {
      kind: 'ims-answer-taken',
      view: DARK,
      asksVideo: true,
    });

    expect(noticesIn(without.last)).toMatchObject([{ ...DARK, refused: WORDS }]);
    expect(noticesIn(later.last)).toEqual([]);
  });

  it('for which there is no room is said in words, and IMS not asked', () => {
    const none: CallEvent = { kind: 'video-wanted', isOffered: false, view: DARK };
    const { last } = walkFrom(TALKING, films('sendrecv'), none);

    expect(kindsOf(last)).toEqual(['notify']);
    expect(noticesIn(last)).toMatchObject([{ refused: WORDS }]);
  });

  it('that IMS refuses outright leaves the call as it was', () => {
    const back = walkFrom(TALKING, films('sendrecv'), isOffered, refused);
    const { state, last } = walkFrom(back.state, { kind: 'video-reverted', view: DARK });

    expect(back.last).toContainEqual({ kind: 'revert-video', device });
    expect(noticesIn(last)).toMatchObject([{ ...DARK, refused: WORDS }]);
    expect(state.kind).toBe('established');
  });

  it('fits an established call of its own alone', () => {
    const other = sessionId('other');

    expect(refusalOf(TALKING, 'device-filmed', device)).toBeUndefined();
    expect(refusalOf(TALKING, 'device-filmed', other)).toBe('call.wrong-state');
    expect(refusalOf(idle, 'device-filmed', device)).toBe('call.wrong-state');
  });
});

describe('SES-5: one offer after the other', () => {
  it('a wish in the middle of another waits for its answer; the last one counts', () => {
    const busy = walkFrom(TALKING, films('sendrecv'), films('recvonly'), films('none'));
    const done = walkFrom(busy.state, isOffered, answered, agreed);

    expect(busy.last).toEqual([]);
    expect(done.last.at(-1)).toEqual({ kind: 'want-video', device, wish: 'none' });
  });

  it.each([
    ['answered', [answered, declined]],
    ['refused', [refused, { kind: 'video-reverted', view: DARK }]],
  ] as const)('a wish during a hold that is %s comes after it', (_, ends) => {
    const holding = walkFrom(TALKING, { kind: 'device-held', device }, films('sendrecv'));
    const { last } = walkFrom(holding.state, ...ends);

    expect(holding.last).toEqual([]);
    expect(last.at(-1)).toEqual({ kind: 'want-video', device, wish: 'sendrecv' });
  });

  it('theirs goes first where both offer at once, and ours is made anew (RFC 3261 §14.1)', () => {
    const waiting = walkFrom(TALKING, films('sendrecv'), isOffered).state;
    const theirs: CallEvent = { kind: 'ims-reoffer-taken', imsAnswer: 'a', view: DARK };
    const { last } = walkFrom(waiting, { kind: 'sip-reoffered', sdp: 'x' }, theirs);

    expect(last.at(-1)).toEqual({ kind: 'make-ims-offer', device, isHeld: false });
    expect(noticesIn(last)).toEqual([]);
  });
});

describe('SES-5: the other side adds video', () => {
  const added: CallEvent = {
    ...{ kind: 'ims-reoffer-taken', imsAnswer: 'recvonly', view: { ours: false, theirs: true } },
    ...{ reoffer: 'their video', voiceGoesOn: true },
  };

  it('is answered at once, and then the browser asked', () => {
    const { last } = walkFrom(TALKING, { kind: 'sip-reoffered', sdp: 'video' }, added);

    expect(last[0]).toEqual({ kind: 'send-reoffer-answer', sdp: 'recvonly' });
    expect(noticesIn(last)).toEqual([
      { event: 'call.offer', offerId: 0, sdp: 'their video' },
      { event: 'call.video', ours: false, theirs: true },
    ]);
  });

  it('is taken away again where the browser has none (RFC 3264 §8.2)', () => {
    const asked = walkFrom(TALKING, added).state;
    const no: CallEvent = { kind: 'device-answered', device, offerId: 0, refusesVideo: true };
    const { last } = walkFrom(asked, no);

    expect(last.at(-1)).toEqual({ kind: 'want-video', device, wish: 'none' });
  });
});

describe('SES-3, MED-9: a caller who had to be answered before our user was asked', () => {
  const accepted = walkFrom(
    idle,
    {
      ...{ kind: 'ims-called', devices: [device], from: { uri: 'sip:bob@d' } },
      ...{ sdp: 'ims offer', needsEarlyAnswer: true },
    },
    { kind: 'media-prepared', device, accessSdp: 'offer', imsAnswer: 'without video' },
    { kind: 'sip-ready' },
    { kind: 'device-accepted', device, imsAnswer: 'without video', view: DARK, wish: 'sendrecv' },
  );
  const acknowledged: CallEvent = { kind: 'sip-acknowledged' };

  it('is offered the video behind his ACK, and not before', () => {
    const { last } = walkFrom(accepted.state, acknowledged);

    expect(kindsOf(accepted.effects)).not.toContain('want-video');
    expect(last).toEqual([{ kind: 'want-video', device, wish: 'sendrecv' }]);
  });

  it('once', () => {
    const { last } = walkFrom(
      accepted.state,
      acknowledged,
      isOffered,
      answered,
      agreed,
      acknowledged,
    );

    expect(last).toEqual([]);
  });

  it('what our user wants meanwhile counts instead', () => {
    const { effects } = walkFrom(accepted.state, films('recvonly'), acknowledged);

    expect(effects.filter((it) => it.kind === 'want-video')).toEqual([
      { kind: 'want-video', device, wish: 'recvonly' },
    ]);
  });

  it('refuses it again, and our user is told in words', () => {
    const { last } = walkFrom(accepted.state, acknowledged, isOffered, answered, declined);

    expect(noticesIn(last)).toEqual([{ event: 'call.video', ...DARK, refused: WORDS }]);
  });
});

import { sessionId } from '@isthmus/shared/domain/ids';
import { step } from '../../../../../media-node/src/core/call/call-machine.ts';
import type { CallEffect, CallEvent } from '../../../../../media-node/src/core/call/call-types.ts';
import { walk } from './walk.ts';

const a = sessionId('device-a');
const b = sessionId('device-b');

const kinds = (effects: readonly CallEffect[]): string[] => effects.map(({ kind }) => kind);
const told = (effects: readonly CallEffect[]): string[] =>
  effects.flatMap((it) =>
    it.kind === 'notify' ? [`${it.device} ${JSON.stringify(it.notice)}`] : [],
  );

const imsCalled: CallEvent = {
  kind: 'ims-called',
  devices: [a, b],
  from: { uri: 'sip:bob@d' },
  sdp: 'ims offer',
  needsEarlyAnswer: true,
};
const preparedA: CallEvent = {
  kind: 'media-prepared',
  device: a,
  accessSdp: 'offer to a',
  imsAnswer: 'early answer',
};
const preparedB: CallEvent = { kind: 'media-prepared', device: b, accessSdp: 'offer to b' };
const reoffered: CallEvent = { kind: 'sip-reoffered', sdp: 'other' };
const ready: CallEvent = { kind: 'sip-ready' };
const rejectedWith = (effects: readonly CallEffect[]): number[] =>
  effects.flatMap((it) => (it.kind === 'send-reject' ? [it.status] : []));

describe('SES-3: an incoming call whose caller waits for resources', () => {
  it('has the first device’s description answered early, and tells nobody', () => {
    const { effects, state } = walk(imsCalled, preparedB, preparedA);

    expect(effects.slice(0, 2)).toEqual([
      { kind: 'prepare-incoming', device: a, sdp: 'ims offer', early: true },
      { kind: 'prepare-incoming', device: b, sdp: 'ims offer' },
    ]);
    expect(effects).toContainEqual({ kind: 'send-early-answer', sdp: 'early answer' });
    expect(told(effects)).toEqual([]);
    expect(kinds(effects)).not.toContain('send-ring');
    expect(state.kind).toBe('reserving');
  });

  it('rings every device when the caller has all it waits for', () => {
    const { last, state } = walk(imsCalled, preparedA, preparedB, ready);

    expect(told(last).map((it) => it.slice(0, 8))).toEqual([a, b]);
    expect(kinds(last).filter((kind) => kind === 'send-ring')).toHaveLength(1);
    expect(state).toMatchObject({ kind: 'alerting', devices: [a, b], early: a });
  });

  it('rings from then on for as long as its user wants, known before or after', () => {
    const known: CallEvent = { kind: 'ring-time-known', ms: 20_000 };
    const timer: CallEffect = { kind: 'start-timer', timer: 'no-answer', ms: 20_000 };

    const before = walk(imsCalled, known, preparedA, ready);
    const after = walk(imsCalled, preparedA, ready, known);

    expect(before.last).toContainEqual(timer);
    expect(before.effects.filter((it) => it.kind === 'start-timer')).toHaveLength(2);
    expect(after.last).toEqual([timer]);
    expect(walk(imsCalled, known).last).toEqual([]);
  });

  it('rings a device that is prepared only afterwards as well', () => {
    const { last } = walk(imsCalled, preparedA, ready, preparedB);

    expect(told(last)[0]).toContain('offer to b');
  });

  it('offers the device what an early offer of ours was answered with', () => {
    const { effects, last } = walk(
      imsCalled,
      preparedA,
      { kind: 'sip-acknowledged', sdp: 'their answer' },
      { kind: 'ims-answer-taken', reoffer: 'narrower offer' },
      ready,
    );

    expect(effects).toContainEqual({ kind: 'take-ims-answer', device: a, sdp: 'their answer' });
    expect(told(last)[0]).toContain('narrower offer');
  });

  it('goes on without the device whose description was given, and without another', () => {
    const first = walk(imsCalled, preparedA, preparedB, { kind: 'device-left', device: a });
    const second = walk(imsCalled, preparedA, preparedB, { kind: 'media-failed', device: b });

    expect(first.last).toEqual([{ kind: 'release-media', device: a }]);
    expect(told(step(first.state, ready).effects)).toHaveLength(1);
    expect(second.state).toMatchObject({ kind: 'reserving', devices: [a] });
  });

  it.each([
    ['nobody is left', [preparedA, left(a), left(b)], 480, 'unavailable'],
    ['the first leaves before it is described', [left(a)], 488, 'not-acceptable'],
    ['its media cannot be opened', [refusedMedia(a)], 488, 'not-acceptable'],
    [
      'the answer to our offer is of no use',
      [preparedA, { kind: 'ims-answer-refused' }],
      488,
      'not-acceptable',
    ],
    [
      'the resources never come',
      [preparedA, { kind: 'timer-fired', timer: 'no-answer' }],
      580,
      'network-failure',
    ],
  ] as readonly (readonly [string, readonly CallEvent[], number, string])[])(
    'is refused, untold, when %s',
    (_, events, status, cause) => {
      const { effects, last, state } = walk(imsCalled, ...events);

      expect(rejectedWith(last)).toEqual([status]);
      expect(state).toEqual({ kind: 'released', cause });
      expect(told(effects)).toEqual([]);
      expect(kinds(last).at(-1)).toBe('finish');
    },
  );

  it('given up by the caller ends as cancelled, or as taken elsewhere', () => {
    const cancelled = walk(imsCalled, preparedA, { kind: 'sip-cancelled' });
    const elsewhere = walk(imsCalled, preparedA, {
      kind: 'sip-cancelled',
      isAnsweredElsewhere: true,
    });

    expect(cancelled.state).toEqual({ kind: 'released', cause: 'cancelled' });
    expect(elsewhere.state).toEqual({ kind: 'released', cause: 'answered-elsewhere' });
  });

  it('whose acknowledgement never came is over', () => {
    const { state } = walk(imsCalled, preparedA, { kind: 'sip-hung-up', reason: 'no PRACK' });

    expect(state).toEqual({ kind: 'released', cause: 'network-failure' });
  });

  it('is not offered anew before anything was agreed, nor without a description', () => {
    const asked = walk(imsCalled, preparedB, reoffered);
    const empty = walk(imsCalled, preparedA, { kind: 'sip-reoffered' });

    expect(kinds(asked.last)).toEqual(['send-reoffer-refusal']);
    expect(kinds(empty.last)).toEqual(['send-reoffer-refusal']);
  });

  it('hears nothing of what does not concern it', () => {
    const { state } = walk(imsCalled, preparedA);

    for (const event of [
      { kind: 'sip-acknowledged' },
      { kind: 'ims-answer-taken' },
      { kind: 'device-rang', device: a },
      { kind: 'device-left', device: sessionId('stranger') },
    ] as const)
      expect(step(state, event)).toEqual({ state, effects: [] });
    expect(walk(imsCalled, { kind: 'sip-acknowledged', sdp: 'x' }).last).toEqual([]);
  });
});

describe('SES-3: an offer of the caller’s before the answer, RFC 3311 §5.1', () => {
  const taken: CallEvent = { kind: 'ims-reoffer-taken', imsAnswer: 'ours' };
  const other: CallEvent = { ...taken, reoffer: 'other codec' };

  it.each([
    ['while the caller waits', [], false],
    ['while devices ring', [ready], true],
  ] as const)('%s is taken by the device described early, and answered', (_, events, isTold) => {
    const asked = walk(imsCalled, preparedA, preparedB, ...events, reoffered);

    expect(asked.last).toEqual([{ kind: 'take-early-offer', device: a, sdp: 'other', isTold }]);
    expect(step(asked.state, taken).effects).toEqual([
      { kind: 'send-reoffer-answer', sdp: 'ours' },
    ]);
    expect(step(asked.state, { kind: 'ims-reoffer-refused' }).effects).toEqual([
      { kind: 'send-reoffer-refusal' },
    ]);
  });

  it('in another codec is what a device hears of first that was told nothing yet', () => {
    const { last } = walk(imsCalled, preparedA, preparedB, reoffered, other, ready);

    expect(told(last)[0]).toContain('other codec');
    expect(told(last)[1]).toContain('offer to b');
  });

  it('in another codec is offered to a device that rings once it has answered', () => {
    const accepted: CallEvent = { kind: 'device-accepted', device: a, imsAnswer: 'ours' };
    const { effects, last, state } = walk(imsCalled, preparedA, ready, reoffered, taken, {
      ...accepted,
      reoffer: 'other codec',
    });

    expect(told(effects.slice(0, -last.length)).join()).not.toContain('call.offer');
    expect(told(last)[1]).toContain('"event":"call.offer","offerId":0,"sdp":"other codec"');
    expect(last.findLast(({ kind }) => kind === 'set-gate')).toMatchObject({
      gate: { toIms: false },
    });
    expect(state).toMatchObject({ kind: 'established', offers: { made: 1, open: true } });
  });

  it.each([
    ['while the caller waits', []],
    ['while devices ring', [ready]],
  ] as const)('%s is taken by another where the first has left', (_, events) => {
    const { last } = walk(imsCalled, preparedA, preparedB, ...events, left(a), reoffered);

    expect(last).toMatchObject([{ kind: 'take-early-offer', device: b }]);
  });
});

function left(device: typeof a): CallEvent {
  return { kind: 'device-left', device };
}

function refusedMedia(device: typeof a): CallEvent {
  return { kind: 'media-refused', device, code: 'sdp.no-common-codec' };
}

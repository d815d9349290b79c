import { sessionId } from '@isthmus/shared/domain/ids';
import { idle, refusalOf } from '../../../../../media-node/src/core/call/call-machine.ts';
import type { CallEffect, CallEvent } from '../../../../../media-node/src/core/call/call-types.ts';
import { device, walkFrom } from './walk.ts';

const other = sessionId('device-b');

const INVITING = walkFrom(
  idle,
  { kind: 'device-called', device, target: 'sip:echo@d', sdp: 'offer' },
  { kind: 'media-prepared', device, accessSdp: 'answer', imsOffer: 'ims offer' },
  { kind: 'media-connected', device },
).state;
const TALKING = walkFrom(INVITING, { kind: 'sip-answered', sdp: 'ims answer' }).state;

const lost: CallEvent = { kind: 'consent-lost', device };
const restored: CallEvent = { kind: 'consent-restored', device };
const waited: CallEvent = { kind: 'timer-fired', timer: 'path' };

const noticesIn = (effects: readonly CallEffect[]): readonly string[] =>
  effects.flatMap((it) =>
    it.kind === 'notify' && it.notice.event === 'call.path' ? it.notice.state : [],
  );

describe.each([
  ['rings', INVITING],
  ['is answered', TALKING],
])('MED-6 and SES-8: consent that is lost while a call %s', (_when, before) => {
  it('is told, and the call waits for another way', () => {
    const { state, last } = walkFrom(before, lost);

    expect(state).toEqual(before);
    expect(noticesIn(last)).toEqual(['lost']);
    expect(last).toContainEqual({ kind: 'start-timer', timer: 'path', ms: 15_000 });
  });

  it('is nothing more once a restart has brought it back', () => {
    const { state, last } = walkFrom(before, lost, restored);

    expect(state).toEqual(before);
    expect(last).toContainEqual({ kind: 'stop-timer', timer: 'path' });
    expect(noticesIn(last)).toEqual(['restored']);
  });

  it('ends it with its cause where no other way was found', () => {
    const { state, last } = walkFrom(before, lost, waited);

    expect(state).toMatchObject({ cause: 'media-lost' });
    expect(last.some((it) => it.kind === 'send-bye' || it.kind === 'send-cancel')).toBe(true);
  });

  it('of a device that has no part in it any more changes nothing', () => {
    expect(walkFrom(before, { kind: 'consent-lost', device: other }).last).toEqual([]);
  });
});

describe('SES-8: a restart of ICE', () => {
  it('fits a call from its early answer to its end, and only for those who take part', () => {
    const preparing = walkFrom(idle, {
      ...{ kind: 'device-called', device, target: 'sip:echo@d' },
      sdp: 'offer',
    }).state;
    const ended = walkFrom(TALKING, { kind: 'sip-hung-up' }).state;
    const refusals = [INVITING, TALKING, preparing, ended].map((state) =>
      refusalOf(state, 'device-restarted', device),
    );

    expect(refusals).toEqual([undefined, undefined, 'call.wrong-state', 'call.wrong-state']);
    expect(refusalOf(TALKING, 'device-restarted', other)).toBe('call.wrong-state');
  });
});

import { type ReleaseCause, wordsFor } from '@isthmus/shared/domain/release-cause';
import type { BrowserNews } from '../../ports/call-media.ts';
import type { CallEffect, CallState, CallTimer, Device, Offers, Step } from './call-types.ts';

export const TIMERS: readonly CallTimer[] = [
  'no-answer',
  'access-setup',
  'reoffer',
  'transfer',
  'path',
];

/** ICE and DTLS have had the whole ringing time; what is not up by then is not coming. */
export const ACCESS_SETUP_MS = 15_000;

export const SHUT = { toIms: false, toBrowser: false } as const;
/** Before the 200 nothing of a microphone passes toward IMS (MED-11). */
export const LISTEN_ONLY = { toIms: false, toBrowser: true } as const;
/** Our user holds: nothing passes, only reports do (RFC 3264 §8.4). */
export const HELD = { toIms: false, toBrowser: false, rtcp: true } as const;
export const OPEN = { toIms: true, toBrowser: true } as const;

export const go = (state: CallState, ...effects: readonly CallEffect[]): Step => ({
  state,
  effects,
});
export const stay = (state: CallState): Step => go(state);

export const ended = (device: Device, cause: ReleaseCause, sipStatus?: number): CallEffect => ({
  kind: 'notify',
  device,
  notice: {
    event: 'call.ended',
    cause,
    text: wordsFor(cause),
    ...(sipStatus === undefined ? {} : { sipStatus }),
  },
});

/** REG-11: the other devices are told who took the call. */
export const takenElsewhere = (device: Device, by: Device): CallEffect => ({
  kind: 'notify',
  device,
  notice: {
    event: 'call.ended',
    cause: 'answered-elsewhere',
    text: wordsFor('answered-elsewhere'),
    takenBy: by,
  },
});

export interface Release {
  readonly cause: ReleaseCause;
  readonly devices: readonly Device[];
  readonly sipStatus?: number;
}

/** The one way out: every device is told, all timers stop, the record is closed. */
export function release(
  { cause, devices, sipStatus }: Release,
  ...first: readonly CallEffect[]
): Step {
  return go(
    { kind: 'released', cause },
    ...first,
    ...TIMERS.map((timer): CallEffect => ({ kind: 'stop-timer', timer })),
    ...devices.map((device) => ended(device, cause, sipStatus)),
    { kind: 'finish', cause, ...(sipStatus === undefined ? {} : { sipStatus }) },
  );
}

/** A browser answers a re-offer in milliseconds; one that does not is gone. */
const REOFFER_MS = 10_000;

/** Sends the browser a re-offer, if there is one; voice that it may change waits for the answer. */
export function reofferTo(
  device: Device,
  offers: Offers,
  { reoffer: sdp, voiceGoesOn }: BrowserNews,
): { readonly offers: Offers; readonly effects: readonly CallEffect[] } {
  if (sdp === undefined) return { offers, effects: [] };
  return {
    offers: { made: offers.made + 1, open: true },
    effects: [
      ...(voiceGoesOn === true ? [] : [{ kind: 'set-gate', device, gate: LISTEN_ONLY } as const]),
      { kind: 'notify', device, notice: { event: 'call.offer', offerId: offers.made, sdp } },
      { kind: 'start-timer', timer: 'reoffer', ms: REOFFER_MS },
    ],
  };
}

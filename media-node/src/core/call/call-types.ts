import type { SessionId } from '@isthmus/shared/domain/ids';
import type { ReleaseCause } from '@isthmus/shared/domain/release-cause';
import type { IwfErrorCode } from '@isthmus/shared/errors/iwf-error';
import type { Event, Unsequenced } from '@isthmus/shared/wire/events';
import type { VideoWish } from '@isthmus/shared/wire/video';
import type { BrowserNews, VideoView } from '../../ports/call-media.ts';
import type { Gate, LegName } from '../../ports/media-plane.ts';
import type { SipLegEvent } from '../../ports/sip-leg.ts';
import type { OutgoingRefer } from '../../ports/sip-refer.ts';

/** One client of the called or calling user: a session is a device. */
export type Device = SessionId;

/** A re-offer the browser still owes an answer to; `made` numbers the offers of a call. */
export interface Offers {
  readonly made: number;
  readonly open: boolean;
}

export type CallState =
  | { readonly kind: 'idle' }
  /** Outgoing: the access leg is being opened. */
  | { readonly kind: 'preparing'; readonly device: Device; readonly target: string }
  /** Outgoing: INVITE sent, no final response yet. */
  | {
      readonly kind: 'inviting';
      readonly device: Device;
      readonly offers: Offers;
      /** ICE and DTLS are done: the access leg is warm. */
      readonly connected: boolean;
      /** The caller hears what the far end plays. */
      readonly hearsEarlyMedia?: boolean;
      /** Who takes the call for whom it rings at. */
      readonly successor?: Caller;
    }
  /** CANCEL sent; a 200 may still cross it. */
  | { readonly kind: 'cancelling'; readonly cause: ReleaseCause }
  /** Incoming: IMS has our answer before any device is told (RFC 3312 §6). */
  | {
      readonly kind: 'reserving';
      readonly devices: readonly Device[];
      readonly prepared: readonly Prepared[];
      readonly from: Caller;
      /** The device whose description IMS has. */
      readonly early?: Device;
      /** Where it is known already. */
      readonly ringMs?: number;
    }
  /** Incoming: devices are being told, or ring. */
  | {
      readonly kind: 'alerting';
      readonly devices: readonly Device[];
      /** Those of them whose access leg is warm. */
      readonly connected: readonly Device[];
      readonly ringing: boolean;
      readonly from: Caller;
      readonly early?: Device;
    }
  | {
      readonly kind: 'established';
      readonly device: Device;
      readonly offers: Offers;
      readonly connected: boolean;
      /** Absent: nobody does. */
      readonly hold?: Hold;
      /** Our user hands the other side on. */
      readonly transfer?: { readonly isAccepted: boolean };
      /** The other side hands us on; alone: it has left before we were answered. */
      readonly move?: { readonly to: Caller; readonly isAlone: boolean };
      /** Who takes the place of the other side. */
      readonly successor?: Caller;
      /** Absent: there was no video yet. */
      readonly filming?: Filming;
    }
  | { readonly kind: 'released'; readonly cause: ReleaseCause };

/** Who holds the call: each side for itself, whatever the other does (RFC 3264 §8.4). */
export interface Hold {
  readonly byUs: boolean;
  readonly byThem: boolean;
  /** What IMS last agreed to of ours. */
  readonly isAgreed: boolean;
  /** An offer of ours is wanted or on its way. */
  readonly isOffering: boolean;
}

/** Video of a call that is on. */
export interface Filming {
  readonly view: VideoView;
  /** Our user wants this, and IMS has still to say. */
  readonly asked?: VideoWish;
  /** And this after it. */
  readonly next?: VideoWish;
}

/** A device that can be told. */
export interface Prepared {
  readonly device: Device;
  readonly accessSdp: string;
}

export interface Caller {
  readonly uri: string;
  readonly displayName?: string;
}

export type DeviceEvent =
  | {
      readonly kind: 'device-called';
      readonly device: Device;
      readonly target: string;
      readonly sdp: string;
    }
  | { readonly kind: 'device-rang'; readonly device: Device }
  /** With what the browser is to answer next, where the caller changed its mind while it rang. */
  | (BrowserNews & {
      readonly kind: 'device-accepted';
      readonly device: Device;
      readonly imsAnswer: string;
      /** The caller holds from the first moment on. */
      readonly isHeld?: boolean;
      readonly view?: VideoView;
      /** Of video that the caller was refused before the device could be asked. */
      readonly wish?: VideoWish;
    })
  | { readonly kind: 'device-declined'; readonly device: Device; readonly reason: DeclineReason }
  | {
      readonly kind: 'device-answered';
      readonly device: Device;
      readonly offerId: number;
      readonly refusesVideo?: true;
    }
  | { readonly kind: 'device-filmed'; readonly device: Device; readonly video: VideoWish }
  | { readonly kind: 'device-hung-up'; readonly device: Device }
  | { readonly kind: 'device-held'; readonly device: Device }
  | { readonly kind: 'device-resumed'; readonly device: Device }
  | { readonly kind: 'device-transferred'; readonly device: Device; readonly refer: OutgoingRefer }
  /** Its session ended; `cause`: where that was not its user's own doing. */
  | { readonly kind: 'device-left'; readonly device: Device; readonly cause?: ReleaseCause };

export type DeclineReason = 'declined' | 'busy';

export type MediaOutcome =
  | {
      readonly kind: 'media-prepared';
      readonly device: Device;
      /** Outgoing: the early answer; incoming: the offer to the device. */
      readonly accessSdp: string;
      readonly imsOffer?: string;
      /** Incoming: what IMS may be answered at once. */
      readonly imsAnswer?: string;
    }
  | { readonly kind: 'media-refused'; readonly device: Device; readonly code: IwfErrorCode }
  | { readonly kind: 'media-connected'; readonly device: Device }
  | { readonly kind: 'media-failed'; readonly device: Device }
  | { readonly kind: 'consent-lost'; readonly device: Device }
  /** By a restart of ICE. */
  | { readonly kind: 'consent-restored'; readonly device: Device }
  /** Nothing at all has come of IMS for as long as its tenant allows. */
  | { readonly kind: 'ims-fell-silent' }
  /** `isHeld`: IMS takes no media by what it said. */
  | (BrowserNews & {
      readonly kind: 'ims-answer-taken';
      readonly isHeld?: boolean;
      readonly view?: VideoView;
      readonly asksVideo?: boolean;
    })
  | { readonly kind: 'ims-answer-refused' }
  | (BrowserNews & {
      readonly kind: 'ims-reoffer-taken';
      readonly imsAnswer: string;
      readonly isHeld?: boolean;
      readonly view?: VideoView;
      readonly asksVideo?: boolean;
    })
  /** `isOffered`: IMS is to be asked. */
  | { readonly kind: 'video-wanted'; readonly isOffered: boolean; readonly view: VideoView }
  | (BrowserNews & { readonly kind: 'video-reverted'; readonly view: VideoView })
  | { readonly kind: 'ims-reoffer-refused' }
  | { readonly kind: 'ims-offer-made'; readonly sdp: string }
  | {
      readonly kind: 'digit-heard';
      readonly device: Device;
      readonly from: LegName;
      readonly digit: string;
      readonly durationMs: number;
    };

export type CallEvent =
  | DeviceEvent
  | MediaOutcome
  | SipLegEvent
  | {
      readonly kind: 'ims-called';
      readonly devices: readonly Device[];
      readonly from: Caller;
      readonly sdp?: string;
      readonly needsEarlyAnswer?: boolean;
    }
  /** Of an incoming call: how long it may ring. */
  | { readonly kind: 'ring-time-known'; readonly ms: number }
  /** A request to call somebody else that the tenant's rules let pass. */
  | { readonly kind: 'ims-referred'; readonly target: string }
  /** An INVITE in the place of this call. */
  | { readonly kind: 'ims-replaced'; readonly from: Caller; readonly sdp: string | undefined }
  /** Of the call to whom we were sent. */
  | { readonly kind: 'next-progressed'; readonly status: number }
  | { readonly kind: 'next-answered'; readonly sdp: string }
  | { readonly kind: 'next-rejected'; readonly status: number; readonly q850?: number }
  | { readonly kind: 'timer-fired'; readonly timer: CallTimer };

export type CallTimer = 'no-answer' | 'access-setup' | 'reoffer' | 'transfer' | 'path';

/** What a device is told; the runner adds call id and sequence number. */
export type Notice = Event extends infer E
  ? E extends { callId: string }
    ? Omit<Unsequenced<E & Event>, 'callId'>
    : never
  : never;

export type CallEffect =
  | { readonly kind: 'prepare-outgoing'; readonly device: Device; readonly sdp: string }
  | {
      readonly kind: 'prepare-incoming';
      readonly device: Device;
      readonly sdp: string | undefined;
      readonly early?: boolean;
    }
  /** The two-way answer to `call.start`. */
  | { readonly kind: 'grant-start'; readonly sdp: string }
  | { readonly kind: 'refuse-start'; readonly code: IwfErrorCode }
  | { readonly kind: 'send-invite'; readonly target: string; readonly sdp: string }
  | { readonly kind: 'send-ring' }
  | { readonly kind: 'send-early-answer'; readonly sdp: string }
  | { readonly kind: 'send-answer'; readonly sdp: string }
  | { readonly kind: 'send-reject'; readonly status: number }
  | { readonly kind: 'send-cancel' }
  | { readonly kind: 'send-bye' }
  | { readonly kind: 'send-reoffer-answer'; readonly sdp: string }
  | { readonly kind: 'send-reoffer-refusal' }
  | { readonly kind: 'make-ims-offer'; readonly device: Device; readonly isHeld: boolean }
  | { readonly kind: 'want-video'; readonly device: Device; readonly wish: VideoWish }
  | { readonly kind: 'revert-video'; readonly device: Device }
  | { readonly kind: 'send-offer'; readonly sdp: string }
  | { readonly kind: 'send-digit'; readonly digit: string; readonly durationMs: number }
  | { readonly kind: 'take-ims-answer'; readonly device: Device; readonly sdp: string }
  | {
      readonly kind: 'take-ims-reoffer';
      readonly device: Device;
      readonly sdp: string | undefined;
    }
  /** The caller's, before the answer; `isTold`: the device has an offer of ours to answer first. */
  | {
      readonly kind: 'take-early-offer';
      readonly device: Device;
      readonly sdp: string;
      readonly isTold: boolean;
    }
  | { readonly kind: 'send-refer'; readonly refer: OutgoingRefer }
  /** The other call of an attended transfer ends, too. */
  | { readonly kind: 'finish-transfer' }
  | { readonly kind: 'accept-referral' }
  | { readonly kind: 'refuse-referral'; readonly status: number }
  | { readonly kind: 'tell-referrer'; readonly status: number }
  | { readonly kind: 'call-next'; readonly device: Device; readonly target: string }
  | { readonly kind: 'cancel-next' }
  | { readonly kind: 'answer-successor'; readonly sdp: string }
  | { readonly kind: 'refuse-successor'; readonly status: number }
  /** The next leg is the call's from now on, the one before is let go. */
  | { readonly kind: 'become-next' }
  | { readonly kind: 'set-gate'; readonly device: Device; readonly gate: Gate }
  | { readonly kind: 'notify'; readonly device: Device; readonly notice: Notice }
  | { readonly kind: 'release-media'; readonly device: Device }
  | { readonly kind: 'record-answer' }
  /** Last effect of a call: all media is closed, the record is written. */
  | { readonly kind: 'finish'; readonly cause: ReleaseCause; readonly sipStatus?: number }
  | { readonly kind: 'start-timer'; readonly timer: CallTimer; readonly ms: number }
  | { readonly kind: 'stop-timer'; readonly timer: CallTimer };

export interface Step {
  readonly state: CallState;
  readonly effects: readonly CallEffect[];
}

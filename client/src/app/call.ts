import type { EventOf } from '@isthmus/shared/wire/events';
import type { CallEnd } from '../core/call-machine.ts';
import type { Emitter } from '../core/emitter.ts';
import type { Held } from '../core/holding.ts';
import type { PhoneError } from '../core/phone-error.ts';
import type { Quality } from '../core/quality.ts';

export type CallPhase = 'calling' | 'ringing' | 'incoming' | 'connecting' | 'active' | 'ended';

export interface Party {
  readonly uri: string;
  readonly displayName?: string | undefined;
}

/** How a transfer goes that our user asked for; after `failed` the call goes on. */
export interface Transfer {
  readonly state: EventOf<'call.transfer'>['state'];
  /** In words. */
  readonly text: string;
}

/** Where the other side sends us; after `failed` we are with it as before. */
export interface Moving {
  readonly state: EventOf<'call.moving'>['state'];
  readonly to: Party;
  readonly text: string;
}

export interface CallEvents {
  phase: CallPhase;
  /** Who holds the call has changed. */
  held: Held;
  /** The other side pressed a key; told when it is let go. */
  digit: Digit;
  /** Every second of the conversation. */
  quality: Quality;
  /** Whether the other side can be heard; `lost` after ten silent seconds or a broken path. */
  media: 'flowing' | 'lost';
  /** Whether another way to the service is being looked for; the call goes on meanwhile. */
  reconnecting: boolean;
  /** How a transfer goes that was asked for here. */
  transfer: Transfer;
  /** The other side sends us to somebody else. */
  moving: Moving;
  /** The other side is another now. */
  remote: Party;
  /** The camera or one of the pictures has come or gone. */
  video: CallVideo;
  error: PhoneError;
}

export interface Digit {
  /** `0` to `9`, `*`, `#`, `A` to `D`. */
  readonly digit: string;
  readonly durationMs: number;
}

export interface ResumeOptions {
  /** Leaves the other calls as they are, for who joins them himself. */
  readonly keepOthers?: boolean;
}

/** The pictures of a call. */
export interface CallVideo {
  /** Our user is to be seen: the camera is on, or being asked for. */
  readonly camera: boolean;
  /** What it sees; absent while it is off. */
  readonly own?: MediaStream;
  /** What the other side shows, or offers to show; absent where it has no video. */
  readonly remote?: MediaStream;
}

export interface AnswerOptions {
  /** With the camera on; off unless said so. The other side is seen where it offers that. */
  readonly video?: boolean;
}

/** One call, from its first moment to its end. */
export interface Call {
  readonly id: string;
  readonly direction: 'outgoing' | 'incoming';
  readonly remote: Party;
  /** URI of whoever sent the caller to us; undefined where he came by himself, or is another now. */
  readonly referredBy: string | undefined;
  readonly phase: CallPhase;
  /** Why it ended, once it has. */
  readonly end: CallEnd | undefined;
  readonly quality: Quality | undefined;
  readonly muted: boolean;
  readonly held: Held;
  /** The network was lost or is another: the call looks for its way. */
  readonly reconnecting: boolean;
  /** Undefined where none was asked for. */
  readonly transferring: Transfer | undefined;
  readonly on: Emitter<CallEvents>['on'];
  readonly video: CallVideo;
  /** Takes an incoming call, holding those that are on; asks for the microphone only now. */
  accept(options?: AnswerOptions): void;
  decline(): void;
  /** Neither side hears the other any more; only while the call is on. */
  hold(): void;
  /** Ends our hold; every other call that is on is held. */
  resume(options?: ResumeOptions): void;
  /** Hands the other side to somebody else, unannounced; only while the call is on. */
  transfer(target: string): void;
  /** Connects the other sides of this call and another that is on; both end here. */
  transferTo(other: Call): void;
  /** In every state: cancels, declines or ends. */
  hangUp(): void;
  mute(on: boolean): void;
  /** Our user is seen or not; in a call of voice, on adds video. Why it cannot be comes as `error`. */
  setCamera(on: boolean): void;
  /** Takes all video out of the call, the other side's too; the voice goes on. */
  endVideo(): void;
  /** Digits, `*`, `#` and A to D; false when they cannot be sent now. */
  sendDtmf(digits: string): boolean;
}

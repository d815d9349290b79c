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

export interface CallEvents {
  phase: CallPhase;
  /** Who holds the call has changed. */
  held: Held;
  /** Every second of the conversation. */
  quality: Quality;
  /** Whether the other side can be heard; `lost` after ten silent seconds or a broken path. */
  media: 'flowing' | 'lost';
  error: PhoneError;
}

export interface ResumeOptions {
  /** Leaves the other calls as they are, for who joins them himself. */
  readonly keepOthers?: boolean;
}

/** One call, from its first moment to its end. */
export interface Call {
  readonly id: string;
  readonly direction: 'outgoing' | 'incoming';
  readonly remote: Party;
  readonly phase: CallPhase;
  /** Why it ended, once it has. */
  readonly end: CallEnd | undefined;
  readonly quality: Quality | undefined;
  readonly muted: boolean;
  readonly held: Held;
  readonly on: Emitter<CallEvents>['on'];
  /** Takes an incoming call, holding those that are on; asks for the microphone only now. */
  accept(): void;
  decline(): void;
  /** Neither side hears the other any more; only while the call is on. */
  hold(): void;
  /** Ends our hold; every other call that is on is held. */
  resume(options?: ResumeOptions): void;
  /** In every state: cancels, declines or ends. */
  hangUp(): void;
  mute(on: boolean): void;
  /** Digits, `*`, `#` and A to D; false when they cannot be sent now. */
  sendDtmf(digits: string): boolean;
}

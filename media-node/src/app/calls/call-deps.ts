import type { CallId } from '@isthmus/shared/domain/ids';
import type { CallDialog } from '@isthmus/shared/store/call-records';
import type { CallRequest } from '@isthmus/shared/wire/requests';
import type { Device, Notice } from '../../core/call/call-types.ts';
import type { CallMedia } from '../../ports/call-media.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { MediaEvent } from '../../ports/media-plane.ts';
import type { OutgoingRefer } from '../../ports/sip-refer.ts';
import type { CallEnd } from './call-runner.ts';
import type { Carried } from './carried.ts';
import type { WishesWhileRinging } from './forwarding.ts';
import type { ImsFacts, ImsLineDeps, Invite } from './ims-line.ts';

export interface CallDeps {
  readonly callId: CallId;
  readonly clock: Clock;
  readonly log: Log;
  /** After so long a silence of IMS, of sound and reports, a call that nobody holds ends (MED-12). */
  readonly silentMs?: number | undefined;
  readonly createMedia: (onEvent: (event: MediaEvent) => void) => CallMedia;
  /** Sends an INVITE of ours from the user's account and identity. */
  readonly invite: Invite;
  readonly allowReferral: ImsLineDeps['allowReferral'];
  readonly wishes?: WishesWhileRinging | undefined;
  /** Tells a device; what cannot be delivered comes back by `leave`. */
  readonly notify: (device: Device, notice: Notice) => void;
  readonly onRang: () => void;
  /** With its dialog, where it has one. */
  readonly onAnswered: (dialog: CallDialog | undefined) => void;
  readonly onFinished: (end: CallEnd, facts: CallFacts) => void;
}

/** What remains of a call for its record: what each device carried among it. */
export type CallFacts = ImsFacts & { readonly carried: readonly Carried[] };

export interface StartOfCall {
  readonly target: string;
  readonly sdp: string;
  readonly seq: number;
}

export type CommandOnCall = Exclude<
  CallRequest,
  {
    readonly action:
      | 'call.start'
      | 'call.trace'
      | 'call.numbers'
      | 'call.transfer'
      | 'call.transfer-to';
  }
>;

/** What a client asks of its call, with the number of its command. */
export interface Transfer {
  readonly seq: number;
  readonly refer: OutgoingRefer;
  /** Of an attended one: ends the call that is taken over. */
  readonly whenDone?: () => void;
}

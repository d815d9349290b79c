import type { VideoWish } from '@isthmus/shared/wire/video';
import type { Candidate } from '../ports/peer-connection.ts';

/** What a call is placed with. */
export interface Dialled {
  readonly target: string;
  readonly privacy?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A command without what the runner adds: request id, call id and the number of the command. */
export type Command =
  | ({ readonly action: 'call.start'; readonly sdp: string } & Dialled)
  | { readonly action: 'call.candidate'; readonly candidates: readonly Candidate[] }
  | { readonly action: 'call.ring'; readonly sdp: string }
  | { readonly action: 'call.accept'; readonly video?: boolean }
  | { readonly action: 'call.decline'; readonly reason: 'declined' | 'busy' }
  | { readonly action: 'call.answer'; readonly offerId: number; readonly sdp: string }
  | { readonly action: 'call.restart'; readonly sdp: string }
  | { readonly action: 'call.hold' | 'call.resume' }
  | { readonly action: 'call.video'; readonly video: VideoWish }
  | { readonly action: 'call.transfer'; readonly target: string }
  | { readonly action: 'call.transfer-to'; readonly otherCallId: string }
  | { readonly action: 'call.hang-up' };

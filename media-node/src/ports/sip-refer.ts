import type { Replaces } from '../core/sip/refer.ts';

/** Asks whom we talk to in a call to call somebody else (RFC 3515). */
export interface OutgoingRefer {
  readonly target: string;
  /** The dialog that the new call is to take the place of (RFC 3891). */
  readonly replaces?: Replaces;
  /** Who asks (RFC 3892 §2.1). */
  readonly referredBy: string;
}

/** We are asked to call somebody else; one answer is due, and where accepted, how it goes. */
export interface IncomingRefer {
  readonly target: string;
  /** For the new call. */
  readonly replaces?: Replaces;
  /** URI of who asks. */
  readonly referredBy?: string;
  accept(): void;
  refuse(status: number): void;
  /** A final status ends it. Where the asker wants no news, nothing is sent (RFC 4488). */
  tell(status: number): void;
}

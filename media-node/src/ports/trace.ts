import type { TenantId } from '@isthmus/shared/domain/ids';
import type { LadderEntry } from '@isthmus/shared/wire/ladder';

/** Seen from here. */
export type Direction = 'in' | 'out';

export interface TracedMessage {
  readonly direction: Direction;
  readonly title: string;
  /** Already without its secrets: nothing else is kept. */
  readonly text: string;
}

/** Of which leg a SIP message is, as `SipLeg.traceId` names it. */
export interface SipLegTrace {
  readonly id: string;
  /** The message begins the leg; of a leg that never began nothing is kept. */
  readonly begins: boolean;
}

/** Where the SIP room tells what it sends and receives. */
export interface SipTrace {
  /** The first leg that is known takes the message. */
  sip(legs: readonly SipLegTrace[], message: TracedMessage): void;
}

export interface TracedCall {
  readonly tenantId: TenantId;
  readonly callId: string;
}

/** The signalling of calls on both legs, for a while and within bounds (OPS-5). */
export interface CallTrace {
  /** A new call of these users; nobody else may read it. */
  begin(call: TracedCall, users: readonly string[]): void;
  wire(call: TracedCall, message: TracedMessage): void;
  /** The IMS leg of the call. */
  join(call: TracedCall, leg: string): void;
  /** In the order of time; undefined where there is none, or none of this user. */
  ladder(call: TracedCall, userName?: string): readonly LadderEntry[] | undefined;
}

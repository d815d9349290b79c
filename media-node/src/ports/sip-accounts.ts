import type { Impi, Impu, TenantId } from '@isthmus/shared/domain/ids';
import type { Secret } from '@isthmus/shared/domain/secret';
import type { CallDialog } from '@isthmus/shared/store/call-records';
import type { ImsAccess } from '@isthmus/shared/store/ims-access';
import type { SequenceRecord } from '../core/aka/sequence.ts';
import type { BulkRegistration } from '../core/registration/bulk.ts';
import type { Replaces } from '../core/sip/refer.ts';
import type { IncomingMessage, MessageFate, OutgoingMessage } from './pager-message.ts';
import type { OutgoingInvite, SipLeg, SipLegEvent } from './sip-leg.ts';

/** One IMS registration: a client's own (options 2, 3) or the IWF's as IP-PBX (option 1). */
export interface SipAccountOptions {
  readonly tenant: TenantId;
  readonly impu: Impu;
  readonly impi: Impi;
  readonly secret: ImsSecret;
  readonly access: ImsAccess;
  /** `urn:uuid:…`; stays the same across re-registrations (RFC 5626 §4.1). */
  readonly instanceId: string;
  /** P-Access-Network-Info of what is not a call; `none` for no such header. */
  readonly accessNetworkInfo?: string | undefined;
  /** Absent: one identity and its implicit set. */
  readonly bulk?: BulkRegistration;
}

/** What IMS knows the subscriber by: SIP Digest, or IMS-AKA as a card would do it (RFC 3310). */
export type ImsSecret =
  | { readonly kind: 'password'; readonly password: Secret }
  /** K and OPc as 32 hex digits each, a colon between them. */
  | { readonly kind: 'aka'; readonly keys: Secret; readonly card?: CardMemory };

/** What a card remembers; it outlives the node where somebody keeps it. */
export interface CardMemory {
  /** Sequence numbers accepted so far, the highest of each index. */
  readonly accepted: SequenceRecord;
  keep(accepted: SequenceRecord): void;
}

export type SipAccountEvent =
  | {
      readonly kind: 'registered';
      /** First entry of P-Associated-URI: the default identity (TS 24.229 §5.1.1.4). */
      readonly defaultImpu: Impu;
      /** The whole P-Associated-URI, wildcarded entries (`sip:web!.*!@d`) as they came. */
      readonly implicitSet: readonly Impu[];
    }
  /** Final: nothing is retried any more. */
  | { readonly kind: 'refused'; readonly status: number; readonly reason: string }
  /** The flow or the registrar went away; the account tries again by itself. */
  | { readonly kind: 'lost'; readonly reason: string }
  /** IMS ended the registration; a `deregister()` of our own resolves its promise instead. */
  | { readonly kind: 'unregistered' }
  | { readonly kind: 'incoming'; readonly invite: IncomingInvite }
  | { readonly kind: 'message'; readonly message: IncomingMessage };

export interface IncomingInvite {
  /** Whose account was called. */
  readonly tenant: TenantId;
  /** P-Called-Party-ID, else the Request-URI (TS 24.229 §5.1.2A.1.2). */
  readonly calledImpu: Impu;
  readonly from: { readonly uri: string; readonly displayName?: string };
  /** Absent in an offerless INVITE. */
  readonly sdp?: string;
  /** Nobody may ring before `answerEarly` and `sip-ready`. */
  readonly needsEarlyAnswer?: boolean;
  /** The call of ours it takes the place of; undefined where what it names cannot be one. */
  readonly replaces?: Replaces;
  /** URI of whom the caller was sent by. */
  readonly referredBy?: string;
  /** Takes the call on; until then only 100 has been sent. Events before this call are kept. */
  listen(onEvent: (event: SipLegEvent) => void): SipLeg;
}

export interface SipAccount {
  /**
   * Starts registering; how it goes comes as events. `beside`: another node is registered under the
   * same instance and stays so, until we stand alone.
   */
  register(beside?: 'beside'): void;
  /** The other one has gone; what IMS holds of it is withdrawn. */
  standAlone(): void;
  /** De-registers; resolves when IMS has confirmed or 5 s have passed. */
  deregister(): Promise<void>;
  /** Ends without a word to IMS: the registration is another node's from now on. */
  close(): void;
  invite(invite: OutgoingInvite, onEvent: (event: SipLegEvent) => void): SipLeg;
  message(message: OutgoingMessage): Promise<MessageFate>;
  /** Ends a call of a node that died; of use while registered. */
  release(dialog: CallDialog): void;
}

export interface SipAccounts {
  open(options: SipAccountOptions, onEvent: (event: SipAccountEvent) => void): SipAccount;
  /** Closes every flow. Accounts are to be de-registered before. */
  close(): Promise<void>;
}

import type { Impu, TenantId } from '@isthmus/shared/domain/ids';

/** A MESSAGE of ours, outside any dialog (RFC 3428). */
export interface OutgoingMessage {
  /** P-Preferred-Identity and From; one of the account's implicit set (SES-6). */
  readonly identity: Impu;
  /** Request-URI, a SIP or tel URI. */
  readonly target: string;
  readonly text: string;
  readonly privacy?: boolean;
  readonly accessNetworkInfo?: string;
  /** Of the whole request; a larger one is not sent. */
  readonly maxBytes: number;
}

export type MessageFate =
  | { readonly kind: 'message-answered'; readonly status: number }
  /** It never left. */
  | { readonly kind: 'message-too-large' }
  /** Nobody answered, or the flow went away. */
  | { readonly kind: 'message-unanswered' };

export interface IncomingMessage {
  readonly tenant: TenantId;
  /** P-Called-Party-ID, else the Request-URI. */
  readonly calledImpu: Impu;
  readonly from: { readonly uri: string; readonly displayName?: string };
  readonly text: string;
  /** The same for the same request that comes by another way, or once more. */
  readonly key: string;
  answer(status: number): void;
}

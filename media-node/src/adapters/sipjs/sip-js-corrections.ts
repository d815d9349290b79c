import {
  type IncomingRequestMessage,
  type IncomingResponseMessage,
  NonInviteServerTransaction,
  type Session,
  SessionDialog,
  UserAgentServer,
} from 'sip.js/lib/core/index.js';
import { ClientTransaction } from 'sip.js/lib/core/transactions/client-transaction.js';
import { AllowedMethods } from 'sip.js/lib/core/user-agent-core/allowed-methods.js';
import { ALLOWED_METHODS } from '../../core/sip/ims-headers.ts';
import { cryptoIds } from '../ids/crypto-ids.ts';
import { shortenSipJs } from './sip-js-shortcuts.ts';
import { correctTimers } from './sip-timers.ts';

const BRANCH_BITS = 128;

/** What a dialog's delegate also hears once `correctSipJs` has run. */
export interface UpdateDelegate {
  onUpdate?(request: UserAgentServer): void;
}

let isCorrected = false;

/**
 * The one place that changes sip.js 0.21.2 itself, because it offers no setting for these:
 * branches from a small unsafe random, no timers for UDP, no UPDATE, and methods we do not serve.
 */
export function correctSipJs(): void {
  if (isCorrected) return;
  isCorrected = true;
  // A trunk has thousands of transactions at once; ten million branches collide (RFC 3261 §8.1.1.7).
  Object.assign(ClientTransaction, { makeId });
  correctTimers();
  AllowedMethods.splice(0, AllowedMethods.length, ...ALLOWED_METHODS);
  receiveUpdates();
  shortenSipJs();
}

const makeId = (request: { readonly method: string; readonly branch?: string }): string =>
  request.method === 'CANCEL' && request.branch !== undefined
    ? request.branch
    : `z9hG4bK${cryptoIds.random(BRANCH_BITS)}`;

/** RFC 3311 §5.2: UPDATE is a target refresh like re-INVITE, but a plain transaction. */
function receiveUpdates(): void {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its own `this` below
  const { receiveRequest } = SessionDialog.prototype;
  SessionDialog.prototype.receiveRequest = function receive(
    this: SessionDialog,
    message: IncomingRequestMessage,
  ): void {
    if (message.method !== 'UPDATE') {
      receiveRequest.call(this, message);
      return;
    }
    if (!this.sequenceGuard(message)) return;
    this.dialogState.remoteSequenceNumber = message.cseq;
    const contact: unknown = message.parseHeader('contact');
    if (isContact(contact)) this.dialogState.remoteTarget = contact.uri;
    const server = new UserAgentServer(NonInviteServerTransaction, this.userAgentCore, message);
    const delegate = this.delegate as UpdateDelegate | undefined;
    if (delegate?.onUpdate) delegate.onUpdate(server);
    else server.reject({ statusCode: 488 });
  };
}

interface Hidden {
  readonly dialogState: { remoteTarget: Contact };
  _answer: unknown;
}

/**
 * Contact of a 2xx is where the dialog's next request goes (RFC 3261 §12.2.1.2). sip.js keeps the
 * one of the response that made the dialog, and that of a re-INVITE's answer not at all.
 */
export function retarget(session: Session, message: IncomingResponseMessage): void {
  const contact: unknown = message.parseHeader('contact');
  if (isContact(contact)) (session as unknown as Hidden).dialogState.remoteTarget = contact.uri;
}

/**
 * A 2xx after a description was agreed has none (RFC 6337 §2.2); sip.js would put the last answer
 * into it, were it the peer's own.
 */
export function forgetAnswer(session: Session): void {
  (session as unknown as Hidden)._answer = undefined;
}

type Contact = SessionDialog['dialogState']['remoteTarget'];

const isContact = (value: unknown): value is { readonly uri: Contact } =>
  typeof value === 'object' && value !== null && 'uri' in value;

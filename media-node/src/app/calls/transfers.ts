import { callId as idOf } from '@isthmus/shared/domain/ids';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import type { RequestOf } from '@isthmus/shared/wire/requests';
import { allowCall } from '../../core/call/outgoing-policy.ts';
import { isGruu } from '../../core/sip/uri.ts';
import type { OutgoingRefer } from '../../ports/sip-refer.ts';
import type { Session } from '../sessions/session.ts';
import type { Call } from './call.ts';

/** A call and who is on its far side. */
export interface Transferable {
  readonly call: Call;
  readonly peer: string;
}

type Asked = RequestOf<'call.transfer' | 'call.transfer-to'>;

export interface TransferDesk {
  /** The call of this client; throws where there is none. */
  readonly find: (session: Session, callId: string) => Transferable;
}

/** Hands whom a client talks to on to somebody else; throws the reason why not. */
export function transfer(session: Session, asked: Asked, { find }: TransferDesk): void {
  const { call } = find(session, asked.callId);
  if (asked.action === 'call.transfer') {
    const refer = { target: allowedTarget(session, asked.target), referredBy: referrer(session) };
    call.transfer(session.sessionId, { seq: asked.seq, refer });
    return;
  }
  const other = find(session, asked.otherCallId);
  if (other.call === call) throw wrongState(asked.otherCallId);
  const { sessionId } = session;
  call.transfer(sessionId, {
    ...{ seq: asked.seq, refer: referTo(session, other, asked.otherCallId) },
    whenDone: () => {
      other.call.release(sessionId);
    },
  });
}

function allowedTarget({ tenant }: Session, target: string): string {
  const allowed = allowCall({ target }, tenant);
  if (!allowed.ok) throw allowed.error;
  if (allowed.value.isEmergency) throw new IwfError('call.emergency-refused', {});
  return allowed.value.target;
}

/**
 * A GRUU reaches the very phone from anywhere; another Contact only that phone's own proxy, so that
 * the network is given the identity and Replaces finds the phone (RFC 5589 §7.3, 3GPP TS 24.629).
 */
function referTo(session: Session, { call, peer }: Transferable, id: string): OutgoingRefer {
  const { dialog } = call;
  if (!dialog || !call.involves(session.sessionId)) throw wrongState(id);
  const { remoteTarget, replaces } = dialog;
  const target = isGruu(remoteTarget) || peer.includes('anonymous.invalid') ? remoteTarget : peer;
  return { target, replaces, referredBy: referrer(session) };
}

function referrer({ line, sessionId }: Session): string {
  if (!line) throw new IwfError('registration.pending', { sessionId });
  return line.identity;
}

const wrongState = (id: string): IwfError =>
  new IwfError('call.wrong-state', { callId: idOf(id), state: 'not-established' });

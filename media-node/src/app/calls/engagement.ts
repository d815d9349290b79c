import { type CallId, sessionId } from '@isthmus/shared/domain/ids';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import type { TenantItem } from '@isthmus/shared/store/items';
import type { Unsequenced } from '@isthmus/shared/wire/events';
import type { RequestOf } from '@isthmus/shared/wire/requests';
import type { Device, Notice } from '../../core/call/call-types.ts';
import { allowCall } from '../../core/call/outgoing-policy.ts';
import type { Replaces } from '../../core/sip/refer.ts';
import type { Dialog } from '../../ports/sip-leg.ts';
import type { Line, Session } from '../sessions/session.ts';
import type { Call } from './call.ts';

/** As many as a person can keep apart. */
const CALLS_PER_DEVICE = 4;

export const callLimitOf = ({ calling }: TenantItem): number =>
  calling?.callsPerDevice ?? CALLS_PER_DEVICE;

export interface LiveCall {
  readonly call: Call;
  /** Devices that may send commands, by session id. */
  readonly parties: ReadonlyMap<string, Session>;
  /** Whom it was with at first. */
  readonly peer: string;
}

/** How many calls ring or talk on this device now. */
export const callsOn = ({ sessionId }: Session, live: Iterable<LiveCall>): number =>
  [...live].filter(({ call }) => call.involves(sessionId)).length;

/** Whether a call more may ring there: it waits, where the tenant has call waiting. */
export function mayRing(device: Session, live: Iterable<LiveCall>): boolean {
  const calls = callsOn(device, live);
  const { callWaiting = true } = device.tenant.calling ?? {};
  return calls === 0 || (callWaiting && calls < callLimitOf(device.tenant));
}

/** What of a call to be made is allowed; throws the reason where it is not. */
export function allowedOf(
  session: Session,
  request: RequestOf<'call.start'>,
  live: Iterable<LiveCall>,
) {
  const { line, sessionId, tenant } = session;
  if (!line) throw new IwfError('registration.pending', { sessionId });
  const limit = callLimitOf(tenant);
  if (callsOn(session, live) >= limit) throw new IwfError('call.too-many', { limit });
  const allowed = allowCall(request, tenant);
  if (!allowed.ok) throw allowed.error;
  return { line, allowed: allowed.value };
}

export function lineOf(session: Session): Line {
  if (!session.line) throw new IwfError('registration.absent', { sessionId: session.sessionId });
  return session.line;
}

interface Told {
  readonly callId: CallId;
  readonly parties: ReadonlyMap<Device, Pick<Session, 'device'>>;
  readonly referredBy?: string | undefined;
}

/** What a device is told, of this call. Of a device that gave itself no name none is told. */
export function eventOf(notice: Notice, { callId, parties, referredBy }: Told): Unsequenced {
  if (notice.event === 'call.incoming' && referredBy !== undefined) {
    return { ...notice, callId, referredBy };
  }
  if (notice.event !== 'call.ended' || notice.takenBy === undefined) return { ...notice, callId };
  const { takenBy, ...ending } = notice;
  const name = parties.get(sessionId(takenBy))?.device;
  if (name === undefined) return { ...ending, callId };
  return { ...ending, callId, takenBy: name, text: `${ending.text}: ${name}` };
}

/** Ours and theirs are the other way round. */
export const isNamed = (dialog: Dialog | undefined, wanted: Replaces): boolean =>
  dialog?.replaces.callId === wanted.callId &&
  dialog.replaces.fromTag === wanted.toTag &&
  dialog.replaces.toTag === wanted.fromTag;

import type { IncomingInviteRequest } from 'sip.js/lib/core/index.js';
import type { IncomingInvite } from '../../ports/sip-accounts.ts';
import { IncomingLeg } from './incoming-leg.ts';
import { refusalOfInvite } from './invite-terms.ts';
import type { LegContext } from './leg-context.ts';

/** Undefined where it was refused at once, for what it asks or lacks. */
export function receiveInvite(
  context: LegContext,
  request: IncomingInviteRequest,
): IncomingInvite | undefined {
  const refusal = refusalOfInvite(request.message, context.policy);
  if (!refusal) return new IncomingLeg(context, request).invite;
  request.reject(refusal);
  return undefined;
}

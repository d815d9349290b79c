import type { IncomingInviteRequest, IncomingRequestMessage } from 'sip.js/lib/core/index.js';
import {
  failureOf,
  isWaiting,
  type Preconditions,
  preconditionsOf,
} from '../../core/session/preconditions.ts';
import { optionTagsOf, type SessionPolicy } from '../../core/session/session-policy.ts';
import { type Agreed, answerToAsker, type TimerAnswer } from '../../core/session/session-timer.ts';
import { tokensOf } from '../../core/sip/headers.ts';
import { calledImpuOf, callerOf } from '../../core/sip/identity.ts';
import { ALLOW } from '../../core/sip/ims-headers.ts';
import { parseNameAddr } from '../../core/sip/name-addr.ts';
import { reasonsOf } from '../../core/sip/reason.ts';
import { parseReplaces } from '../../core/sip/refer.ts';
import type { IncomingInvite } from '../../ports/sip-accounts.ts';
import type { Redirection } from '../../ports/sip-leg.ts';
import { sdpBody } from './leg-context.ts';
import { sdpIn } from './peer-request.ts';
import { timerHeadersOf } from './timer-headers.ts';

/** On what terms a caller calls. */
export interface InviteTerms {
  readonly offer: string | undefined;
  /** In its offer; undefined where either side does without. */
  readonly preconditions: Preconditions | undefined;
  /** All provisional responses must be reliable (RFC 3262 §3). */
  readonly requiresReliable: boolean;
  /** It waits for our answer before its own resources are there, or must have our offer first. */
  readonly needsEarlyAnswer: boolean;
  readonly timer: TimerAnswer;
}

export function termsOf(message: IncomingRequestMessage, policy: SessionPolicy): InviteTerms {
  const { required, supported } = tagsOf(message);
  const offer = sdpIn(message);
  const isConditional = policy.preconditions !== 'off' && supported.has('precondition');
  const preconditions = isConditional ? preconditionsOf(offer) : undefined;
  const requiresReliable = required.has('100rel');
  const waits = preconditions !== undefined && isWaiting(preconditions) && supported.has('100rel');
  return {
    ...{ offer, preconditions, requiresReliable },
    // RFC 3262 §5: without an offer in the INVITE, ours is in the first reliable response.
    needsEarlyAnswer: waits || (offer === undefined && requiresReliable),
    timer: answerToAsker(timerHeadersOf(message), policy),
  };
}

export function invitationOf(
  message: IncomingRequestMessage,
  { needsEarlyAnswer, offer }: InviteTerms,
): Omit<IncomingInvite, 'listen' | 'tenant'> {
  const headers = (name: string): readonly string[] => message.getHeaders(name);
  return {
    calledImpu: calledImpuOf(headers, message.ruri?.toString() ?? ''),
    from: callerOf(headers),
    ...(offer !== undefined && { sdp: offer }),
    needsEarlyAnswer,
    ...referralIn(message),
  };
}

/** Whose call it replaces, and who sent the caller to us. */
function referralIn(
  message: IncomingRequestMessage,
): Pick<IncomingInvite, 'replaces' | 'referredBy'> {
  const [value] = message.getHeaders('replaces');
  const replaces = value === undefined ? undefined : parseReplaces(value);
  const referrer = parseNameAddr(message.getHeader('referred-by') ?? '')?.uri.text;
  return {
    ...(replaces && { replaces }),
    ...(referrer !== undefined && { referredBy: referrer }),
  };
}

export function provisionalHeaders(
  { preconditions }: InviteTerms,
  sdp: string | undefined,
  rseq: number | undefined,
): readonly string[] {
  if (rseq === undefined) return [ALLOW];
  const tags = sdp !== undefined && preconditions ? '100rel, precondition' : '100rel';
  return [ALLOW, `Require: ${tags}`, `RSeq: ${String(rseq)}`];
}

interface Acceptance {
  readonly agreed: Agreed | undefined;
  readonly answer: {
    readonly statusCode: 200;
    readonly supported: string[];
    readonly extraHeaders: string[];
  };
}

/** The 2xx without its body, and what it says of the session's length. */
export function acceptanceOf({ timer }: InviteTerms, policy: SessionPolicy): Acceptance {
  const isAgreed = timer.kind === 'agreed';
  const extraHeaders = isAgreed ? [...timer.headers] : [];
  const supported = [...optionTagsOf(policy)];
  return {
    agreed: isAgreed ? timer.agreed : undefined,
    answer: { statusCode: 200, supported, extraHeaders },
  };
}

/** RFC 3326 §3.1: the network tells a phone that another one of the user's was faster. */
export function whyCancelled(
  message: IncomingRequestMessage,
): { readonly isAnsweredElsewhere: true } | undefined {
  const { sip } = reasonsOf(message.getHeaders('reason'));
  return sip === 200 ? { isAnsweredElsewhere: true } : undefined;
}

interface Refusal {
  readonly statusCode: number;
  readonly extraHeaders?: string[];
  readonly body?: ReturnType<typeof sdpBody>;
}

/** What cannot be served on its own terms or on the tenant's, in the order of the RFCs' checks. */
export function refusalOfInvite(
  message: IncomingRequestMessage,
  policy: SessionPolicy,
): Refusal | undefined {
  const replaced = message.getHeaders('replaces');
  // RFC 3891 §3: one dialog, and one that can be.
  if (replaced.length > 1 || replaced.some((it) => !parseReplaces(it))) return { statusCode: 400 };
  const { required, supported } = tagsOf(message);
  const isOff = policy.preconditions === 'off';
  if (isOff && required.has('precondition'))
    return { statusCode: 420, extraHeaders: ['Unsupported: precondition'] };
  const lacking = lackingIn(supported, required, policy);
  // RFC 3312 §11, RFC 3261 §21.4.16: 421 names what the caller would have to support.
  if (lacking.length > 0)
    return { statusCode: 421, extraHeaders: [`Require: ${lacking.join(', ')}`] };
  const timer = answerToAsker(timerHeadersOf(message), policy);
  if (timer.kind === 'too-short') return { statusCode: 422, extraHeaders: [...timer.headers] };
  const offer = sdpIn(message);
  const asked = isOff ? undefined : preconditionsOf(offer);
  if (offer === undefined || !asked || asked.unknown.length === 0) return undefined;
  return { statusCode: 580, body: sdpBody(failureOf(offer, asked)) };
}

function lackingIn(
  supported: ReadonlySet<string>,
  required: ReadonlySet<string>,
  policy: SessionPolicy,
): readonly string[] {
  const wantsConditions = policy.preconditions === 'required' || required.has('precondition');
  return wantsConditions ? ['100rel', 'precondition'].filter((it) => !supported.has(it)) : [];
}

/** Whoever requires an extension supports it. */
function tagsOf(message: IncomingRequestMessage): {
  readonly required: ReadonlySet<string>;
  readonly supported: ReadonlySet<string>;
} {
  const required = tokensOf(message.getHeaders('require'));
  return {
    required: new Set(required),
    supported: new Set([...tokensOf(message.getHeaders('supported')), ...required]),
  };
}

/** With a redirection it sends the caller there (RFC 3261 §8.1.3.4). */
export function refuseInvite(
  request: IncomingInviteRequest,
  statusCode: number,
  redirection?: Redirection,
): void {
  if (redirection === undefined) {
    request.reject({ statusCode });
    return;
  }
  const { contact, diversion } = redirection;
  const extraHeaders = [
    `Contact: <${contact}>`,
    // Newest first, and behind it who diverted the call to us.
    `Diversion: ${[diversion, ...diversionsOf(request.message)].join(', ')}`,
  ];
  // `redirect` would write its contacts without brackets, and their parameters as its own.
  request.redirect([], { statusCode, extraHeaders });
}

/** A call that was sent on oftener goes in circles. */
const MAX_DIVERSIONS = 5;

const diversionsOf = (message: IncomingRequestMessage): readonly string[] =>
  message
    .getHeaders('diversion')
    .map((value) => value.replace(/\s+/g, ' ').trim())
    .slice(0, MAX_DIVERSIONS);

import * as z from 'zod';
import { forwardingGet, forwardingSet } from './forwarding.ts';
import {
  MAX_CANDIDATE_CHARS,
  MAX_CANDIDATES_PER_MESSAGE,
  MAX_HEADER_CHARS,
  MAX_HEADERS,
  MAX_ID_TOKEN_CHARS,
  MAX_SDP_CHARS,
} from './limits.ts';
import { messageSend } from './messages.ts';
import { callTransfer, callTransferTo } from './transfers.ts';
import { callVideo } from './video.ts';

const requestId = z
  .string()
  .min(1)
  .max(64)
  .describe('Unique in the session; a repeated id gets the same answer');
const tenant = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[a-z0-9-]+$/);
const userName = z.string().min(1).max(256);
const password = z.string().min(1).max(1024);
const id36 = z
  .string()
  .min(8)
  .max(64)
  .regex(/^[A-Za-z0-9_-]+$/);
const sdp = z.string().min(1).max(MAX_SDP_CHARS);
const seq = z
  .int()
  .min(0)
  .describe('Rises by one with each command of a call; a stale one is refused');
const onCall = { id: requestId, callId: id36, seq };

const idToken = z
  .string()
  .min(1)
  .max(MAX_ID_TOKEN_CHARS)
  .describe('ID token of an OpenID Connect issuer of the tenant, in place of name and password');

const deviceName = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[^\p{C}]+$/u)
  .describe('What the other devices of the user are to call this one');

const toLogIn = {
  id: requestId,
  action: z.literal('login'),
  tenant,
  option: z.enum(['ip-pbx', 'same-credentials']),
};

export const login = z
  .union([
    z.strictObject({ ...toLogIn, userName, password }),
    z.strictObject({ ...toLogIn, idToken }),
  ])
  .describe('Options 1 and 2: prove who the user is; `register` follows. ID tokens: option 1 only');

const toGetToken = { id: requestId, action: z.literal('token'), tenant };

export const token = z
  .union([
    z.strictObject({ ...toGetToken, userName, password }),
    z.strictObject({ ...toGetToken, idToken }),
  ])
  .describe(
    'Option 3: trade user name and access password, or an ID token, for a single-use token',
  );

export const register = z
  .strictObject({
    id: requestId,
    action: z.literal('register'),
    tenant,
    token: z.string().min(1).max(256).optional(),
    device: deviceName.optional(),
  })
  .describe(
    'Register in IMS; with the token (option 3), or as the user logged in on this connection',
  );

export const resume = z
  .strictObject({
    id: requestId,
    action: z.literal('resume'),
    sessionId: id36,
    resumeKey: z.string().min(1).max(256),
    lastSeq: z.int().min(0).describe('The last event seen; later ones are replayed in the answer'),
  })
  .describe('Attach a session to this connection after its WebSocket was lost');

export const logout = z
  .strictObject({
    id: requestId,
    action: z.literal('logout'),
  })
  .describe('End the session: its calls are released, IMS is de-registered (options 2 and 3)');

const candidate = z.strictObject({
  candidate: z.string().max(MAX_CANDIDATE_CHARS).describe('RFC 8839 §5.1; empty marks the end'),
  sdpMid: z.string().max(16).optional(),
});

export const callStart = z
  .strictObject({
    ...onCall,
    action: z.literal('call.start'),
    target: z.string().min(1).max(256).describe('A number, a SIP URI or a tel URI'),
    sdp: sdp.describe('The offer'),
    privacy: z
      .boolean()
      .optional()
      .describe('Hides who calls (OIR); `false` shows it where it is hidden by subscription'),
    headers: z
      .record(z.string().min(1).max(64), z.string().max(MAX_HEADER_CHARS))
      .refine((it) => Object.keys(it).length <= MAX_HEADERS, 'too many')
      .optional()
      .describe('For the INVITE, of those the tenant allows; percent-encoded where need be'),
  })
  .describe(
    'Place a call. The answer carries an SDP answer at once: ICE and DTLS run while it rings',
  );

export const callCandidate = z
  .strictObject({
    ...onCall,
    action: z.literal('call.candidate'),
    candidates: z.array(candidate).min(1).max(MAX_CANDIDATES_PER_MESSAGE),
  })
  .describe('Trickled ICE candidates (RFC 8838)');

export const callRing = z
  .strictObject({
    ...onCall,
    action: z.literal('call.ring'),
    sdp: sdp.describe('The answer to the offer of call.incoming, microphone off'),
  })
  .describe('This device rings and warms its media path up');

export const callAccept = z
  .strictObject({
    ...onCall,
    action: z.literal('call.accept'),
    sdp: sdp.optional().describe('Needed only if call.ring was not sent'),
    video: z
      .boolean()
      .optional()
      .describe('`false`: the camera stays off, whatever the answer to the offer says'),
  })
  .describe('Take the incoming call');

export const callDecline = z
  .strictObject({
    ...onCall,
    action: z.literal('call.decline'),
    reason: z.enum(['declined', 'busy']).optional(),
  })
  .describe('Refuse the incoming call');

export const callAnswer = z
  .strictObject({
    ...onCall,
    action: z.literal('call.answer'),
    offerId: z.int().min(0),
    sdp: sdp.describe('The answer to the offer of call.offer'),
  })
  .describe('Answer a re-offer of the node');

export const callRestart = z
  .strictObject({
    ...onCall,
    action: z.literal('call.restart'),
    sdp: sdp.describe('An offer with new ICE names, the certificate as it was (RFC 8839 §4.4.1)'),
  })
  .describe(
    'Another way for the media of a call, where the network changed. The answer carries an SDP answer; IMS learns nothing',
  );

export const callHangUp = z
  .strictObject({
    ...onCall,
    action: z.literal('call.hang-up'),
  })
  .describe('End the call, or cancel it while it rings');

export const callHold = z
  .strictObject({
    ...onCall,
    action: z.literal('call.hold'),
  })
  .describe('Hold the call: nothing is sent or heard until `call.resume`; `call.held` follows');

export const callResume = z
  .strictObject({
    ...onCall,
    action: z.literal('call.resume'),
  })
  .describe('End the hold of this side; the other side may still hold');

export const callTrace = z
  .strictObject({
    id: requestId,
    action: z.literal('call.trace'),
    callId: id36,
    from: z.int().min(0).optional().describe('Where to go on: `next` of the answer before'),
  })
  .describe('The signalling of a call of this user, also for a while after its end');

export const callNumbers = z
  .strictObject({
    id: requestId,
    action: z.literal('call.numbers'),
    callId: id36,
  })
  .describe('Quality of a live call on both legs, as the node measures it; changes nothing');

/** MOCK route: API Gateway answers by itself; it only keeps the connection from idling out. */
export const ping = z.strictObject({ action: z.literal('ping') });

export const REQUESTS = {
  login,
  token,
  register,
  resume,
  logout,
  'call.start': callStart,
  'call.candidate': callCandidate,
  'call.ring': callRing,
  'call.accept': callAccept,
  'call.decline': callDecline,
  'call.answer': callAnswer,
  'call.restart': callRestart,
  'call.hang-up': callHangUp,
  'call.hold': callHold,
  'call.resume': callResume,
  'call.video': callVideo,
  'call.transfer': callTransfer,
  'call.transfer-to': callTransferTo,
  'call.trace': callTrace,
  'call.numbers': callNumbers,
  'message.send': messageSend,
  'forwarding.set': forwardingSet,
  'forwarding.get': forwardingGet,
} as const;

export type Action = keyof typeof REQUESTS;
export type RequestOf<A extends Action> = z.infer<(typeof REQUESTS)[A]>;
export type Request = { [A in Action]: RequestOf<A> }[Action];

export const CALL_ACTIONS = [
  'call.start',
  'call.candidate',
  'call.ring',
  'call.accept',
  'call.decline',
  'call.answer',
  'call.restart',
  'call.hang-up',
  'call.hold',
  'call.resume',
  'call.video',
  'call.transfer',
  'call.transfer-to',
  'call.trace',
  'call.numbers',
] as const satisfies readonly Action[];

export type CallAction = (typeof CALL_ACTIONS)[number];
export type CallRequest = RequestOf<CallAction>;

export const callRequest = z.discriminatedUnion('action', [
  callStart,
  callCandidate,
  callRing,
  callAccept,
  callDecline,
  callAnswer,
  callRestart,
  callHangUp,
  callHold,
  callResume,
  callVideo,
  callTransfer,
  callTransferTo,
  callTrace,
  callNumbers,
]);

import * as z from 'zod';
import { REGISTRATION_OPTIONS } from '../domain/registration-option.ts';
import { RELEASE_CAUSES } from '../domain/release-cause.ts';
import { messageIncoming, messageSettled } from './messages.ts';
import { callMoved, callMoving, callTransferEvent } from './transfers.ts';
import { callVideoEvent } from './video.ts';

const seq = z.int().min(1).describe('Rises by one in a session; gaps are fetched by `resume`');
const callId = z.string();

export const errorView = z.strictObject({
  code: z.string(),
  message: z.string(),
  retryable: z.boolean(),
});

export const registration = z.strictObject({
  event: z.literal('registration'),
  seq,
  state: z.enum(['registering', 'registered', 'unregistered', 'failed']),
  option: z.enum(REGISTRATION_OPTIONS),
  impu: z.string().optional().describe('The public identity; absent when the tenant hides it'),
  error: errorView.optional(),
});

export const callIncoming = z.strictObject({
  event: z.literal('call.incoming'),
  seq,
  callId,
  from: z
    .strictObject({ uri: z.string(), displayName: z.string().optional() })
    .describe('The asserted identity of the caller (RFC 3325); `anonymous` where withheld'),
  referredBy: z.string().optional().describe('URI of whoever sent the caller here (RFC 3892)'),
  sdp: z.string().describe('The offer of the node'),
});

export const callProgress = z.strictObject({
  event: z.literal('call.progress'),
  seq,
  callId,
  state: z.enum(['ringing', 'early-media']),
  localRingback: z
    .boolean()
    .optional()
    .describe('No tone of the network is to be expected: the client plays its own (RFC 5009)'),
});

export const callAnswered = z.strictObject({ event: z.literal('call.answered'), seq, callId });

export const callOffer = z
  .strictObject({
    event: z.literal('call.offer'),
    seq,
    callId,
    offerId: z.int().min(0),
    sdp: z.string(),
  })
  .describe('The node re-offers on the same transport; `call.answer` is due');

export const callHeld = z
  .strictObject({
    event: z.literal('call.held'),
    seq,
    callId,
    byUs: z.boolean().describe('This user holds the call'),
    byThem: z.boolean().describe('The other side holds it and hears nothing'),
  })
  .describe('Who holds the call now. Nothing is negotiated with the client: its transport stays');

export const callPath = z
  .strictObject({
    event: z.literal('call.path'),
    seq,
    callId,
    state: z.enum(['lost', 'restored']),
  })
  .describe(
    'Whether the node still reaches the client (RFC 7675). Lost: it sends nothing more, and ends the call with `media-lost` unless `call.restart` finds another way',
  );

export const callDtmf = z
  .strictObject({
    event: z.literal('call.dtmf'),
    seq,
    callId,
    digit: z.string().regex(/^[0-9*#A-D]$/),
    durationMs: z.int().min(0),
  })
  .describe('The other side pressed a key (RFC 4733, or SIP INFO)');

export const callEnded = z.strictObject({
  event: z.literal('call.ended'),
  seq,
  callId,
  cause: z.enum(RELEASE_CAUSES),
  text: z.string().describe('The cause in words'),
  takenBy: z
    .string()
    .optional()
    .describe('Of `answered-elsewhere`: the device of the same user, by the name it gave itself'),
  sipStatus: z.int().optional(),
});

export const sessionEnded = z.strictObject({
  event: z.literal('session.ended'),
  seq,
  reason: z.enum([
    'logged-out',
    'grace-expired',
    'node-stopped',
    'de-registered-by-network',
    'identity-taken',
  ]),
});

export const EVENTS = {
  registration,
  'call.incoming': callIncoming,
  'call.progress': callProgress,
  'call.answered': callAnswered,
  'call.offer': callOffer,
  'call.held': callHeld,
  'call.video': callVideoEvent,
  'call.path': callPath,
  'call.transfer': callTransferEvent,
  'call.moving': callMoving,
  'call.moved': callMoved,
  'call.dtmf': callDtmf,
  'call.ended': callEnded,
  'message.incoming': messageIncoming,
  'message.settled': messageSettled,
  'session.ended': sessionEnded,
} as const;

export type EventName = keyof typeof EVENTS;
export type EventOf<E extends EventName> = z.infer<(typeof EVENTS)[E]>;
export type Event = { [E in EventName]: EventOf<E> }[EventName];
/** An event before the session has given it its number. */
export type Unsequenced<E extends Event = Event> = E extends Event ? Omit<E, 'seq'> : never;

export const anyEvent = z.discriminatedUnion('event', [
  registration,
  callIncoming,
  callProgress,
  callAnswered,
  callOffer,
  callHeld,
  callVideoEvent,
  callPath,
  callTransferEvent,
  callMoving,
  callMoved,
  callDtmf,
  callEnded,
  messageIncoming,
  messageSettled,
  sessionEnded,
]);

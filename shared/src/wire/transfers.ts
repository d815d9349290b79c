import * as z from 'zod';

const id = z.string().min(1).max(64);
const callId = z
  .string()
  .min(8)
  .max(64)
  .regex(/^[A-Za-z0-9_-]+$/);
const seqOfCommand = z.int().min(0);
const seq = z.int().min(1).describe('Rises by one in a session; gaps are fetched by `resume`');
const party = z.strictObject({ uri: z.string(), displayName: z.string().optional() });

export const callTransfer = z
  .strictObject({
    ...{ id, callId, seq: seqOfCommand, action: z.literal('call.transfer') },
    target: z.string().min(1).max(256).describe('A number, a SIP URI or a tel URI'),
  })
  .describe('Hand the other side to somebody else (blind); how it goes comes as `call.transfer`');

export const callTransferTo = z
  .strictObject({
    ...{ id, callId, seq: seqOfCommand, action: z.literal('call.transfer-to') },
    otherCallId: callId.describe('Another established call of this client'),
  })
  .describe('Connect the other sides of two calls with each other (attended); both calls end');

export const callTransferEvent = z
  .strictObject({
    event: z.literal('call.transfer'),
    seq,
    callId: z.string(),
    state: z.enum(['trying', 'ringing', 'done', 'failed']),
    text: z.string().describe('The state in words'),
  })
  .describe('How a transfer goes that this client asked for; after `failed` the call goes on');

export const callMoving = z
  .strictObject({
    event: z.literal('call.moving'),
    seq,
    callId: z.string(),
    state: z.enum(['trying', 'ringing', 'failed']),
    to: party,
    text: z.string().describe('The state in words'),
  })
  .describe('The other side has handed this client on; after `failed` the call stays as it was');

export const callMoved = z
  .strictObject({
    event: z.literal('call.moved'),
    seq,
    callId: z.string(),
    to: party.describe('Who the other side is from now on'),
  })
  .describe('The other side of this call is another now, by a transfer');

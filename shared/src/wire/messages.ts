import * as z from 'zod';
import { MESSAGE_OUTCOMES } from '../domain/message-outcome.ts';
import { MAX_MESSAGE_CHARS } from './limits.ts';

const messageId = z
  .string()
  .min(8)
  .max(64)
  .regex(/^[A-Za-z0-9_-]+$/);
const seq = z.int().min(1).describe('Rises by one in a session; gaps are fetched by `resume`');

export const messageSend = z
  .strictObject({
    id: z.string().min(1).max(64),
    action: z.literal('message.send'),
    messageId,
    target: z.string().min(1).max(256).describe('A number, a SIP URI or a tel URI'),
    text: z.string().min(1).max(MAX_MESSAGE_CHARS).describe('Plain text'),
    privacy: z.boolean().optional().describe('Hides who writes (OIR)'),
  })
  .describe('Send a message (RFC 3428). What became of it comes as `message.settled`');

export const messageIncoming = z
  .strictObject({
    event: z.literal('message.incoming'),
    seq,
    messageId: z.string(),
    from: z.strictObject({ uri: z.string(), displayName: z.string().optional() }),
    text: z.string(),
  })
  .describe('Somebody writes; every device of the user is told');

export const messageSettled = z
  .strictObject({
    event: z.literal('message.settled'),
    seq,
    messageId: z.string(),
    outcome: z.enum(MESSAGE_OUTCOMES),
    text: z.string().describe('The outcome in words'),
    sipStatus: z.int().optional(),
  })
  .describe('`delivered`: to a device of the other side; `accepted`: the network sees to it');

import * as z from 'zod';
import { RING_S } from '../domain/ring-time.ts';

const requestId = z.string().min(1).max(64);
const target = z.string().min(1).max(256);

/** Where calls go that do not reach their user: voicemail, as a rule (3GPP TS 24.604). */
export const forwardingTargets = z.strictObject({
  whenOffline: target.optional().describe('No device of the user is connected'),
  whenBusy: target.optional(),
  whenUnanswered: target.optional(),
});

export const forwardingSettings = forwardingTargets.extend({
  ringS: z
    .int()
    .min(RING_S.min)
    .max(RING_S.max)
    .optional()
    .describe(
      'How long a call rings before nobody has answered it; as the tenant has it where absent',
    ),
});

export const forwardingSet = forwardingSettings
  .extend({ id: requestId, action: z.literal('forwarding.set') })
  .describe(
    "Where calls of this user go that reach nobody; a case that is left out is not forwarded. Judged by the tenant's rules for calls",
  );

export const forwardingGet = z
  .strictObject({ id: requestId, action: z.literal('forwarding.get') })
  .describe('What `forwarding.set` has set');

export const forwardingRequest = z.discriminatedUnion('action', [forwardingSet, forwardingGet]);

export type ForwardingTargets = z.infer<typeof forwardingTargets>;
export type ForwardingSettings = z.infer<typeof forwardingSettings>;
export type ForwardingRequest = z.infer<typeof forwardingRequest>;

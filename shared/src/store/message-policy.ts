import * as z from 'zod';

/** Messages of a tenant's users (RFC 3428). */
export const messagePolicy = z.strictObject({
  maxBytes: z
    .int()
    .min(600)
    .max(16_384)
    .default(1_300)
    .describe('Of a whole MESSAGE; more only where no hop of the way is UDP (RFC 3428 §8)'),
  whenAway: z
    .enum(['refuse', 'keep'])
    .default('refuse')
    .describe('A user whose WebSocket is lost: 480, or 202 and told when it is back'),
});

export type MessagePolicy = z.infer<typeof messagePolicy>;

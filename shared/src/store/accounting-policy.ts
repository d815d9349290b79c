import * as z from 'zod';

const DAYS = z.int().min(1).max(3_660);

export const callQuota = z.strictObject({
  callsPerMonth: z.int().min(0).optional().describe('Attempts that are let in, of both directions'),
  minutesPerMonth: z
    .int()
    .min(0)
    .optional()
    .describe('Of conversation; whoever talks when they are used up goes on'),
  usersPerMonth: z
    .int()
    .min(0)
    .optional()
    .describe('Users that register within a month, each counted once, whatever devices he has'),
});

/** How long a tenant's records are kept, and how much its users may call (OPS-3). */
export const accountingPolicy = z.strictObject({
  recordsKeptDays: DAYS.optional().describe('From the end of a call; for good where absent'),
  usageKeptDays: DAYS.optional().describe(
    'From the last call of a month that was counted; for good where absent',
  ),
  quota: callQuota.optional(),
});

export type AccountingPolicy = z.infer<typeof accountingPolicy>;
export type CallQuota = z.infer<typeof callQuota>;

const DAY_S = 86_400;

/** DynamoDB's time to live, in seconds; undefined: kept for good. */
export const expiryOf = (fromMs: number, keptDays: number | undefined): number | undefined =>
  keptDays === undefined ? undefined : Math.floor(fromMs / 1000) + keptDays * DAY_S;

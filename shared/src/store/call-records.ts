import * as z from 'zod';
import { BLAMES } from '../domain/blame.ts';
import { legNumbers, setUpTimes, videoNumbers } from '../domain/call-numbers.ts';
import type { TenantId } from '../domain/ids.ts';
import type { RegistrationOption } from '../domain/registration-option.ts';
import { RELEASE_CAUSES } from '../domain/release-cause.ts';
import type { Key } from './keys.ts';

const atMs = z.int().min(0);
const count = z.int().min(0);

/** Enough of a conversation with IMS for another node to end it (RFC 3261 §12.1). */
export const callDialog = z.object({
  callId: z.string(),
  localTag: z.string(),
  remoteTag: z.string(),
  localUri: z.string(),
  remoteUri: z.string(),
  remoteTarget: z.string(),
  routes: z.array(z.string()),
  cseq: z.int().describe('Of our last request, when it was written down'),
});

/** What is known of a call attempt while it lives (OPS-3). */
export const callItem = z.object({
  attemptId: z.string().describe('Made by the node; its key, since a client chooses `callId`'),
  callId: z.string(),
  tenantId: z.string(),
  sessionId: z.string(),
  nodeId: z.string(),
  userName: z.string(),
  parties: z.array(z.string()).optional().describe('Sessions of all devices that were told'),
  direction: z.enum(['outgoing', 'incoming']),
  own: z.string().optional().describe('The identity of the user in this call'),
  peer: z.string().describe('Request-URI, or who calls; what was dialled where it is no URI'),
  isHidden: z.boolean().optional(),
  isEmergency: z.boolean().optional(),
  startedAtMs: atMs,
  ringingAtMs: atMs.optional(),
  answeredAtMs: atMs.optional(),
  dialog: callDialog.optional().describe('Of an answered call'),
});

const ofRecord = callItem.omit({ dialog: true }).partial({ sessionId: true, userName: true });

/** One call attempt that is over, whether it was a call or refused before it began. */
export const callRecord = ofRecord.extend({
  endedAtMs: atMs,
  cause: z.enum(RELEASE_CAUSES),
  blame: z.enum(BLAMES),
  code: z.string().optional().describe('Why we refused it'),
  sipStatus: z.int().optional(),
  redirectedTo: z.string().optional().describe('Contact of the 302 it was sent on with'),
  laterPeers: z
    .array(z.string())
    .optional()
    .describe('Whom it went on with after transfers, in order'),
  transferredTo: z.string().optional().describe('To whom its user handed the other side on'),
  sipCallId: z.string().optional().describe('Where to look for it in IMS'),
  codec: z.string().optional().describe('Toward IMS'),
  media: z
    .object({
      access: legNumbers,
      ims: legNumbers,
      video: videoNumbers.optional().describe('Of the one that talked, where there was any'),
    })
    .optional()
    .describe('Traffic of all devices of the user; quality as it was for the one that talked'),
  setUp: setUpTimes.optional(),
});

/** What a tenant has used in a month; a shard of it in the table, the sum outside. */
export const usageItem = z.object({
  calls: count.describe('Attempts'),
  answeredCalls: count,
  seconds: count.describe('From answer to end, each call rounded up'),
});

export type CallDialog = z.infer<typeof callDialog>;
export type CallItem = z.infer<typeof callItem>;
export type CallRecord = z.infer<typeof callRecord>;
export type Usage = z.infer<typeof usageItem>;

/** `2026-11`, in UTC: a call belongs to the month it began in. */
export type Month = string;
export const MONTH = /^\d{4}-(?:0[1-9]|1[0-2])$/;

const TIME_DIGITS = 13;
/** One counter takes one transaction at a time; as many as these do not wait for each other. */
export const USAGE_SHARDS = 16;

/** Ended attempts of one month in the index, in the order they began. */
export const recordsGsi1pk = (tenant: TenantId, month: Month): string =>
  `TENANT#${tenant}#CALLS#${month}`;
export const recordGsi1sk = ({ attemptId, startedAtMs }: CallRecord): string =>
  `${String(startedAtMs).padStart(TIME_DIGITS, '0')}#${attemptId}`;

export const usageKey = (tenant: TenantId, month: Month, shard: number): Key => ({
  pk: `TENANT#${tenant}#USAGE#${month}`,
  sk: `SHARD#${String(shard).padStart(2, '0')}`,
});

/** What a tenant's quota is held against; there is none for a tenant without one. */
export const quotaKey = (tenant: TenantId, month: Month): Key => ({
  pk: `TENANT#${tenant}#QUOTA#${month}`,
  sk: 'QUOTA',
});

/** The users who registered within a month: how many, and a mark beside it for each of them. */
export const userQuotaKey = (tenant: TenantId, month: Month): Key => ({
  pk: `TENANT#${tenant}#QUOTA#${month}`,
  sk: 'USERS',
});
export const registeredUserKey = (
  tenant: TenantId,
  month: Month,
  { option, userName }: { readonly option: RegistrationOption; readonly userName: string },
): Key => ({ pk: userQuotaKey(tenant, month).pk, sk: `USER#${option}#${userName}` });

/** Any spread does; attempts are named at random. */
export function usageShardOf(attemptId: string): number {
  let sum = 0;
  for (let at = 0; at < attemptId.length; at += 1) sum = (sum * 31 + attemptId.charCodeAt(at)) | 0;
  return Math.abs(sum) % USAGE_SHARDS;
}

export const usageOf = ({ answeredAtMs, endedAtMs }: CallRecord): Usage => ({
  calls: 1,
  answeredCalls: answeredAtMs === undefined ? 0 : 1,
  seconds:
    answeredAtMs === undefined ? 0 : Math.max(0, Math.ceil((endedAtMs - answeredAtMs) / 1000)),
});

export const sumOfUsage = (parts: readonly Usage[]): Usage => ({
  calls: parts.reduce((all, { calls }) => all + calls, 0),
  answeredCalls: parts.reduce((all, { answeredCalls }) => all + answeredCalls, 0),
  seconds: parts.reduce((all, { seconds }) => all + seconds, 0),
});

import * as z from 'zod';
import { SECRET_KINDS } from '../domain/secret-kind.ts';

export const secretKind = z
  .enum(SECRET_KINDS)
  .optional()
  .describe('What is sealed: a password where absent, or K and OPc in hex for IMS-AKA');

export const cardSequence = z
  .record(z.string(), z.int().nonnegative())
  .optional()
  .describe('Of IMS-AKA: the highest sequence number accepted, by index (3GPP TS 33.102 §C.1.1.1)');

/** Who keeps a registration, and to whom it is being handed. */
export const kept = {
  owner: z.string().describe('NodeId that registers it'),
  ownerEpoch: z.int().describe('Of the owner when it took it; another epoch owns nothing of it'),
  isOffered: z.boolean().optional().describe('The owner drains: another node may succeed'),
  successor: z.string().optional().describe('NodeId that registers it now, to own it then'),
};

/** Written on take-over, registration and change only; gone with the registration (REG-10). */
export const registrationItem = z.object({
  tenantId: z.string(),
  impu: z.string(),
  impi: z.string(),
  sealedPassword: z.string(),
  secretKind,
  cardSequence,
  instanceId: z.string().describe('`+sip.instance`, the same on every node (RFC 5626 §4.1)'),
  ...kept,
});

export const memberItem = z.object({
  tenantId: z.string(),
  sessionId: z.string(),
  impu: z.string().describe('The identity of the session'),
});

export type RegistrationItem = z.infer<typeof registrationItem>;
export type MemberItem = z.infer<typeof memberItem>;

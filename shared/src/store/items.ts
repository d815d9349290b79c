import * as z from 'zod';
import { REGISTRATION_OPTIONS } from '../domain/registration-option.ts';
import { accountingPolicy } from './accounting-policy.ts';
import { callingPolicy } from './calling-policy.ts';
import { imsAccess } from './ims-access.ts';
import { messagePolicy } from './message-policy.ts';
import { cardSequence, kept, secretKind } from './registration-items.ts';

/** Seconds since 1970; DynamoDB deletes late, so every read also checks it. */
const ttl = z.int();

/** Signatures that need no secret of ours; `none` and HS* cannot be named here (RFC 8725 §3.1). */
const ID_TOKEN_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const;

/** Keys come over TLS; plain HTTP serves only a laboratory on this very machine. */
const KEYS_URL = /^(?:https:\/\/|http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])[:/])/;

/** An OpenID Connect issuer whose ID tokens prove who a user of the tenant is (REG-4). */
export const oidcIssuer = z.object({
  // Without query and fragment, as OpenID Connect Core §2 has it.
  issuer: z
    .string()
    .min(1)
    .max(512)
    .regex(/^[^#?]+$/),
  audience: z.string().min(1).describe('Our client id at the issuer'),
  jwksUri: z.url().regex(KEYS_URL),
  algorithms: z.array(z.enum(ID_TOKEN_ALGORITHMS)).min(1).default(['RS256', 'ES256']),
  clockToleranceS: z.int().min(0).max(300).default(30),
  userNameClaim: z
    .string()
    .min(1)
    .optional()
    .describe('Binds a subject seen for the first time to the user that this claim names'),
});

const DAY_S = 86_400;

/** When an identity of a trunk goes from one user to another (REG-1): never, unless told. */
export const bindingPolicy = z.object({
  idleReleaseS: z
    .int()
    .min(60)
    .optional()
    .describe('A user who has not come for so long loses the identity when others need one'),
  restS: z
    .int()
    .min(0)
    .default(DAY_S)
    .describe("How long a released identity is nobody but its last user's"),
  onIdentityLost: z
    .enum(['refuse', 'reallocate'])
    .default('refuse')
    .describe('What becomes of a user whose identity the network grants no more'),
});

/** For clients whose UDP is blocked; a server that believes REST credentials, as coturn does. */
export const turnService = z.object({
  urls: z
    .array(z.string().regex(/^turns?:[^\s]+$/))
    .min(1)
    .max(8)
    .describe('`turn:host:port?transport=tcp`, `turns:host:443?transport=tcp`'),
  sealedSecret: z.string().describe('Shared with the server, sealed for `turn` and the tenant'),
  ttlS: z.int().min(60).max(604_800).optional().describe('Of a credential; a day where absent'),
});

export const tenantItem = z.object({
  tenantId: z.string(),
  allowedOrigins: z.array(z.string()).describe('SEC-1; `*` only in a lab'),
  options: z.array(z.enum(REGISTRATION_OPTIONS)),
  showImpu: z.boolean(),
  graceS: z.int().describe('How long a session outlives its WebSocket'),
  codecs: z
    .array(z.string())
    .describe(
      'Toward IMS, in order of preference: EVS, AMR-WB, AMR, G722, PCMA, PCMU, opus; H264, VP8. What passes through goes before what is transcoded',
    ),
  impiRule: z
    .string()
    .optional()
    .describe('Option 2: IMPI of an IMPU, with {user} and {domain}; default {user}@{domain}'),
  bindings: bindingPolicy.optional(),
  oidc: z.array(oidcIssuer).optional(),
  calling: callingPolicy.optional(),
  accounting: accountingPolicy.optional(),
  messages: messagePolicy.optional(),
  turn: turnService.optional(),
  ims: imsAccess,
});

/** A subject of an issuer is one user of the tenant, and the other way round. */
export const oidcIdentityItem = z.object({
  tenantId: z.string(),
  issuer: z.string(),
  subject: z.string(),
  userName: z.string(),
});

export const trunkItem = z.object({
  tenantId: z.string(),
  trunkId: z.string(),
  impu: z.string(),
  impi: z.string(),
  sealedPassword: z.string(),
  secretKind,
  cardSequence,
  bulkRegistration: z
    .enum(['off', 'try', 'require'])
    .optional()
    .describe('RFC 6140; `try` is content with the implicit set. `off` where absent'),
  numbers: z
    .array(z.string())
    .optional()
    .describe('Identities of the block registered in bulk, wildcards as in P-Associated-URI'),
  owner: kept.owner.optional(),
  ownerEpoch: kept.ownerEpoch.optional(),
  isOffered: kept.isOffered,
  successor: kept.successor,
  instanceId: z.string().optional().describe('Set by its first owner and kept by all others'),
  state: z.enum(['down', 'up']),
  implicitSet: z.array(z.string()).describe('P-Associated-URI of the last 200, wildcards included'),
  releasedAtMs: z
    .int()
    .optional()
    .describe('When an operator last took an identity of it: its node looks who has lost one'),
});

export const userItem = z.object({
  tenantId: z.string(),
  userName: z.string(),
  passwordHash: z.string(),
  vault: z
    .object({ impu: z.string(), impi: z.string(), sealedPassword: z.string(), secretKind })
    .optional()
    .describe('IMS credentials behind a token (REG-3)'),
  tokensFromMs: z
    .int()
    .optional()
    .describe('Tokens issued before this are revoked; set with every new password'),
});

export const bindingItem = z.object({
  tenantId: z.string(),
  userName: z.string(),
  impu: z.string(),
  trunkId: z.string(),
  usedAtMs: z.int().optional().describe("When the user last came or left; on the user's side"),
  restsUntilMs: z
    .int()
    .optional()
    .describe("On the side of the identity: released, and nobody else's until then"),
});

export const forwardingItem = z.object({
  tenantId: z.string(),
  userName: z.string(),
  option: z.enum(REGISTRATION_OPTIONS),
  whenOffline: z.string().optional(),
  whenBusy: z.string().optional(),
  whenUnanswered: z.string().optional(),
  ringS: z.int().optional(),
});

export const tokenItem = z.object({
  tenantId: z.string(),
  userName: z.string(),
  issuedAtMs: z.int(),
  expiresAtMs: z.int(),
  redeemedAtMs: z.int().optional(),
  ttl,
});

export const connectionItem = z.object({
  connectionId: z.string(),
  tenantId: z.string().describe('For whose origins the WebSocket was let in'),
  sourceIp: z.string(),
  sessionId: z.string().optional(),
  login: z
    .object({
      tenantId: z.string(),
      userName: z.string(),
      option: z.enum(REGISTRATION_OPTIONS),
      sealedPassword: z.string().optional(),
    })
    .optional()
    .describe('Who has logged in here and not registered yet'),
  ttl,
});

export const sessionItem = z.object({
  sessionId: z.string(),
  tenantId: z.string(),
  userName: z.string(),
  option: z.enum(REGISTRATION_OPTIONS),
  device: z.string().optional().describe('What its user calls it'),
  resumeKeySha256: z.string(),
  connectionId: z.string().optional(),
  nodeId: z.string(),
  nodeEpoch: z.int().optional().describe('Of the node when it was given the session'),
  state: z.enum(['live', 'ended']),
  ttl,
});

export const eventItem = z.object({
  tenantId: z.string(),
  seq: z.int(),
  json: z.string(),
  writer: z.string().optional().describe('Node and epoch: a number is given once'),
  ttl,
});

export const nodeItem = z.object({
  nodeId: z.string(),
  address: z.string().describe('Private address of the control channel'),
  port: z.int(),
  certificatePem: z.string(),
  controlKey: z.string().describe('Base64 of the 32-byte HMAC key of this boot'),
  epoch: z.int(),
  leaseUntilMs: z.int(),
  capacity: z.int(),
  used: z.int(),
  registrations: z.int().optional().describe('Of options 2 and 3'),
  state: z
    .enum(['up', 'draining', 'dead'])
    .describe('`dead`: said by another node after the lease has lapsed; this epoch is over'),
});

export type BindingPolicy = z.infer<typeof bindingPolicy>;
export type TenantItem = z.infer<typeof tenantItem>;
export type OidcIssuer = z.infer<typeof oidcIssuer>;
export type OidcIdentityItem = z.infer<typeof oidcIdentityItem>;
export type TrunkItem = z.infer<typeof trunkItem>;
export type UserItem = z.infer<typeof userItem>;
export type BindingItem = z.infer<typeof bindingItem>;
export type TokenItem = z.infer<typeof tokenItem>;
export type ConnectionItem = z.infer<typeof connectionItem>;
export type SessionItem = z.infer<typeof sessionItem>;
export type EventItem = z.infer<typeof eventItem>;
export type NodeItem = z.infer<typeof nodeItem>;

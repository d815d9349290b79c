import type { ConnectionId, Impu, NodeId, SessionId, TenantId, TrunkId } from '../domain/ids.ts';
import type { RegistrationOption } from '../domain/registration-option.ts';

/** Primary key in the one table; functions and media node meet here and nowhere else. */
export interface Key {
  readonly pk: string;
  readonly sk: string;
}

/** The one secondary index; its keys are `gsi1pk` and `gsi1sk`. */
export const GSI1 = 'gsi1';

const EVENT_DIGITS = 10;
const USED_DIGITS = 6;

export const tenantKey = (tenant: TenantId): Key => ({ pk: `TENANT#${tenant}`, sk: 'TENANT' });

export const trunkKey = (tenant: TenantId, trunk: TrunkId): Key => ({
  pk: `TENANT#${tenant}`,
  sk: `TRUNK#${trunk}`,
});
/** All trunks of all tenants, for nodes that look for one to own. */
export const TRUNKS_GSI1PK = 'TRUNKS';
export const trunkGsi1sk = (tenant: TenantId, trunk: TrunkId): string => `${tenant}#${trunk}`;

export const userKey = (tenant: TenantId, userName: string): Key => ({
  pk: `TENANT#${tenant}#USER#${userName}`,
  sk: 'USER',
});
/** User → IMPU (REG-1); written in one transaction with {@link impuKey}. */
export const bindingKey = (tenant: TenantId, userName: string): Key => ({
  pk: `TENANT#${tenant}#USER#${userName}`,
  sk: 'BINDING',
});
/**
 * Where calls of a user go; a name means another user under another option. Apart from what is kept
 * of the user, since nodes write it.
 */
export const forwardingKey = (
  tenant: TenantId,
  option: RegistrationOption,
  userName: string,
): Key => ({ pk: `FORWARDING#${tenant}#${option}#${userName}`, sk: 'FORWARDING' });
/** IMPU → user: what makes the binding unique in the other direction. */
export const impuKey = (tenant: TenantId, impu: Impu): Key => ({
  pk: `TENANT#${tenant}#IMPU#${impu}`,
  sk: 'BINDING',
});

export interface OidcSubject {
  /** Holds no `#`, so no two pairs share a key. */
  readonly issuer: string;
  readonly subject: string;
}

/** Subject of an issuer → user (REG-4); written in one transaction with {@link oidcUserKey}. */
export const oidcSubjectKey = (tenant: TenantId, { issuer, subject }: OidcSubject): Key => ({
  pk: `OIDC#SUB#${tenant}#${issuer}#${subject}`,
  sk: 'IDENTITY',
});
/** User → subject: no second subject of the issuer can claim to be the user. */
export const oidcUserKey = (tenant: TenantId, issuer: string, userName: string): Key => ({
  pk: `OIDC#USER#${tenant}#${issuer}#${userName}`,
  sk: 'IDENTITY',
});
/** An ID token that has been used, by its `jti`. */
export const usedIdTokenKey = (tenant: TenantId, of: OidcSubject, jti: string): Key => ({
  pk: oidcSubjectKey(tenant, of).pk,
  sk: `USED#${jti}`,
});

/** Tokens are stored under their SHA-256 only. */
export const tokenKey = (tokenSha256: string): Key => ({ pk: `TOKEN#${tokenSha256}`, sk: 'TOKEN' });

export const connectionKey = (connection: ConnectionId): Key => ({
  pk: `CONN#${connection}`,
  sk: 'CONN',
});
/** What was answered to a request of a connection, so that a repeated id gets the same. */
export const requestKey = (connection: ConnectionId, requestId: string): Key => ({
  pk: `CONN#${connection}`,
  sk: `REQ#${requestId}`,
});

export const sessionKey = (session: SessionId): Key => ({
  pk: `SESSION#${session}`,
  sk: 'SESSION',
});
/** The sessions of one user, one a device, in the index. */
export const userSessionsGsi1pk = (tenant: TenantId, userName: string): string =>
  `TENANT#${tenant}#USER#${userName}#SESSIONS`;
export const eventKey = (session: SessionId, seq: number): Key => ({
  pk: `SESSION#${session}`,
  sk: `EVENT#${String(seq).padStart(EVENT_DIGITS, '0')}`,
});

/** One IMS registration of a client's own (options 2 and 3), with who keeps it. */
export const registrationKey = (tenant: TenantId, impu: Impu): Key => ({
  pk: `REG#${tenant}#${impu}`,
  sk: 'REG',
});
/** The sessions that share a registration lie beside it, one a device. */
export const memberKey = (tenant: TenantId, impu: Impu, session: SessionId): Key => ({
  pk: registrationKey(tenant, impu).pk,
  sk: `MEMBER#${session}`,
});
/** Those of a trunk (option 1) have a partition of their own. */
export const trunkMemberKey = (tenant: TenantId, trunk: TrunkId, session: SessionId): Key => ({
  pk: `TRUNKREG#${tenant}#${trunk}`,
  sk: `MEMBER#${session}`,
});
/** Parts of what one node keeps, so that several others take it over without asking for the same. */
export const OWNER_SHARDS = 8;
export const ownerGsi1pk = (node: NodeId, shard: number): string =>
  `OWNER#${node}#${String(shard)}`;
export const registrationGsi1sk = (tenant: TenantId, impu: Impu): string => `${tenant}#${impu}`;

const OFFSET_BASIS = 0x81_1c_9d_c5;
const PRIME = 0x01_00_01_93;

/** FNV-1a: the shard of a registration never changes. */
export function shardOf(tenant: TenantId, impu: Impu): number {
  const text = registrationGsi1sk(tenant, impu);
  let hash = OFFSET_BASIS;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), PRIME);
  }
  return (hash >>> 0) % OWNER_SHARDS;
}

export const nodeKey = (node: NodeId): Key => ({ pk: `NODE#${node}`, sk: 'NODE' });
/** Nodes that take new work, least used first. */
export const NODES_UP_GSI1PK = 'NODES#up';
/** Nodes that give their work away. */
export const NODES_DRAINING_GSI1PK = 'NODES#draining';
/** Nodes whose lease has lapsed, until all they had is taken over. */
export const NODES_DEAD_GSI1PK = 'NODES#dead';
/** Least used first; of those alike, the one with the fewest registrations. */
export const nodeGsi1sk = (usedSlots: number, node: NodeId, registrations = 0): string =>
  [usedSlots, registrations]
    .map((number) => String(number).padStart(USED_DIGITS, '0'))
    .concat(node)
    .join('#');

export const callKey = (tenant: TenantId, attemptId: string): Key => ({
  pk: `TENANT#${tenant}#CALL#${attemptId}`,
  sk: 'CALL',
});

/** The live calls of one node: whoever buries it ends them. */
export const liveCallsGsi1pk = (node: string): string => `CALLS#${node}`;

/** Log-in attempts of one subject (a user or an address) in one time window. */
export const throttleKey = (subject: string, window: number): Key => ({
  pk: `THROTTLE#${subject}`,
  sk: String(window),
});

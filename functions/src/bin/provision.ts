import { text } from 'node:stream/consumers';
import {
  oidcIdentityItem,
  type TenantItem,
  tenantItem,
  trunkItem,
} from '@isthmus/shared/store/items';
import * as z from 'zod';
import { opcOfOp } from '../adapters/opc-of-op.ts';
import { composeProvisioning } from '../compose.ts';
import { processEnv } from '../env.ts';

const identity = { impu: z.string(), impi: z.string().optional() };

const key = z.string().regex(/^[0-9a-f]{32}$/i, '32 hex digits');
/** OP is the operator's: what is kept is only what it makes of this subscriber's K. */
const akaKeys = z.union([
  z.strictObject({ k: key, opc: key }),
  z.strictObject({ k: key, op: key }).transform(({ k, op }) => ({ k, opc: opcOfOp(k, op) })),
]);

/** A subscription by SIP Digest, or by IMS-AKA. */
const subscriptionOf = <T extends z.ZodRawShape>(shape: T) =>
  z.union([
    z.strictObject({ ...shape, ...identity, password: z.string().min(1) }),
    z.strictObject({ ...shape, ...identity, aka: akaKeys }),
  ]);

/** A client certificate comes with its key as it is, or with one that is sealed already. */
const newTenant = z.strictObject({
  ...tenantItem.shape,
  tlsKeyPem: z.string().min(1).optional(),
  turnSecret: z.string().min(1).optional(),
});

/** What an operator pipes in: each a list. */
const setUp = z.strictObject({
  tenants: z.array(newTenant).default([]),
  trunks: z
    .array(
      subscriptionOf({
        ...{ tenantId: z.string(), trunkId: z.string() },
        bulkRegistration: trunkItem.shape.bulkRegistration,
        numbers: trunkItem.shape.numbers,
      }),
    )
    .default([]),
  users: z
    .array(
      z.strictObject({
        tenantId: z.string(),
        userName: z.string(),
        password: z.string().min(1).optional(),
        vault: subscriptionOf({}).optional(),
      }),
    )
    .default([]),
  identities: z.array(oidcIdentityItem.strict()).default([]),
  revokeTokens: z.array(z.strictObject({ tenantId: z.string(), userName: z.string() })).default([]),
  unbindIdentities: z.array(oidcIdentityItem.strict()).default([]),
  releaseBindings: z
    .array(
      z.strictObject({
        tenantId: z.string(),
        userName: z.string(),
        evenInUse: z.boolean().optional(),
      }),
    )
    .default([]),
});

const asked = setUp.parse(JSON.parse(await text(process.stdin)));
const { identities, tenants, trunks, users } = asked;
const provisioning = composeProvisioning(processEnv());
for (const { tlsKeyPem, turnSecret, ...tenant } of tenants) {
  const keyed = await withKey(tenant, tlsKeyPem);
  await provisioning.putTenant(await withTurn(keyed, turnSecret));
}
for (const trunk of trunks) await provisioning.putTrunk(trunk);
for (const user of users) await provisioning.putUser(user);
for (const user of asked.revokeTokens) await provisioning.revokeTokens(user);
for (const identity of asked.unbindIdentities) await provisioning.unbindIdentity(identity);
for (const identity of identities) {
  if (await provisioning.bindIdentity(identity)) continue;
  const { issuer, subject, userName } = identity;
  throw new Error(`${subject} of ${issuer} or ${userName} is bound otherwise: unbind it first`);
}
for (const release of asked.releaseBindings) {
  if ((await provisioning.releaseBinding(release)) !== 'in-use') continue;
  throw new Error(`${release.userName} is registered: log out first, or release evenInUse`);
}
process.stdout.write(
  `tenants ${String(tenants.length)}, trunks ${String(trunks.length)}, users ${String(users.length)}, identities ${String(identities.length)}\n`,
);

async function withKey(tenant: TenantItem, keyPem: string | undefined): Promise<TenantItem> {
  const { ims } = tenant;
  const { tls } = ims;
  if (keyPem === undefined || !tls?.client) return tenant;
  const sealedKeyPem = await provisioning.sealTlsKey(tenant, ims.homeDomain, keyPem);
  return { ...tenant, ims: { ...ims, tls: { ...tls, client: { ...tls.client, sealedKeyPem } } } };
}

async function withTurn(tenant: TenantItem, secret: string | undefined): Promise<TenantItem> {
  const { turn } = tenant;
  if (secret === undefined || !turn) return tenant;
  return {
    ...tenant,
    turn: { ...turn, sealedSecret: await provisioning.sealTurnSecret(tenant, secret) },
  };
}

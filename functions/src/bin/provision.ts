import { text } from 'node:stream/consumers';
import { oidcIdentityItem, tenantItem } from '@isthmus/shared/store/items';
import * as z from 'zod';
import { composeProvisioning } from '../compose.ts';
import { processEnv } from '../env.ts';

const credentials = { impu: z.string(), impi: z.string().optional(), password: z.string().min(1) };

/** What an operator pipes in: each a list. */
const setUp = z.strictObject({
  tenants: z.array(tenantItem.strict()).default([]),
  trunks: z
    .array(z.strictObject({ tenantId: z.string(), trunkId: z.string(), ...credentials }))
    .default([]),
  users: z
    .array(
      z.strictObject({
        tenantId: z.string(),
        userName: z.string(),
        password: z.string().min(1).optional(),
        vault: z.strictObject(credentials).optional(),
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
for (const tenant of tenants) await provisioning.putTenant(tenant);
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

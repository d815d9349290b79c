import type { ScryptCost } from '@isthmus/functions/adapters/scrypt-password-hasher';
import { composeProvisioning } from '@isthmus/functions/compose';
import type { Env } from '@isthmus/functions/env';
import { REGISTRATION_OPTIONS } from '@isthmus/shared/domain/registration-option';
import type { CallingPolicy } from '@isthmus/shared/store/calling-policy';
import type { TenantItem } from '@isthmus/shared/store/items';
import type { DemoTenant, DemoWorld } from './demo-world.ts';

export interface SeedingOptions {
  readonly env: Env;
  readonly world: DemoWorld;
  readonly origins: readonly string[];
  readonly pcscf: { readonly host: string; readonly port: number };
  readonly transport: 'tcp' | 'udp';
  readonly graceS: number;
  readonly calling?: CallingPolicy | undefined;
  readonly passwordCost?: ScryptCost | undefined;
}

/** Provisions the demo as an operator would; a second start writes the same again. */
export async function seed(options: SeedingOptions): Promise<void> {
  const { env, passwordCost, world, ...given } = options;
  const provisioning = composeProvisioning(env, passwordCost);
  for (const tenant of world.tenants) {
    await provisioning.putTenant(tenantItemOf(tenant, given));
    const trunks = { main: tenant.trunk, ...tenant.moreTrunks };
    for (const [trunkId, trunk] of Object.entries(trunks)) {
      await provisioning.putTrunk({ tenantId: tenant.tenant, trunkId, ...trunk });
    }
  }
  await Promise.all(
    world.users.map(({ tenant, option: _, ...user }) =>
      provisioning.putUser({ tenantId: tenant, ...user }),
    ),
  );
}

const tenantItemOf = (
  { tenant, domain, settings, media }: DemoTenant,
  given: Omit<SeedingOptions, 'env' | 'passwordCost' | 'world'>,
): TenantItem => ({
  tenantId: tenant,
  allowedOrigins: [...given.origins],
  options: [...REGISTRATION_OPTIONS],
  showImpu: true,
  graceS: given.graceS,
  // EVS is there with a library of the operator's alone, and passed over without.
  codecs: ['G722', 'PCMU', 'PCMA', 'opus', 'EVS', 'H264', 'VP8'],
  // Whoever runs this looks at his own calls.
  calling: { trace: true, ...given.calling },
  ims: {
    homeDomain: domain,
    transport: given.transport,
    pcscf: [{ ...given.pcscf }],
    initialAuthorization: true,
    ...(media && { media }),
  },
  ...settings,
});

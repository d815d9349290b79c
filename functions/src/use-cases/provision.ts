import { type Impu, tenantId } from '@isthmus/shared/domain/ids';
import { Secret } from '@isthmus/shared/domain/secret';
import type {
  OidcIdentityItem,
  TenantItem,
  TrunkItem,
  UserItem,
} from '@isthmus/shared/store/items';
import { faultOfImpiRule, impiOf, impuOf } from '../policy/impi-rule.ts';
import type { BindingStore } from '../ports/binding-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { TenantStore, TrunkStore, UserStore } from '../ports/directory.ts';
import type { IdentityStore } from '../ports/identity-store.ts';
import type { PasswordHasher } from '../ports/password-hasher.ts';
import type { Sealer } from '../ports/sealer.ts';
import type { SessionStore } from '../ports/session-store.ts';
import { type Release, type ReleaseOutcome, releaseBinding } from './release-binding.ts';

export interface ProvisioningDeps {
  readonly tenants: TenantStore;
  readonly trunks: TrunkStore;
  readonly users: UserStore;
  readonly identities: IdentityStore;
  readonly bindings: BindingStore;
  readonly sessions: SessionStore;
  readonly hasher: PasswordHasher;
  readonly sealer: Sealer;
  readonly clock: Clock;
}

/** A password, or for IMS-AKA what the subscriber's card would hold, in hex. */
export type NewSecret =
  | { readonly password: string }
  | { readonly aka: { readonly k: string; readonly opc: string } };

export type NewSubscription = NewSecret & {
  readonly impu: string;
  readonly impi?: string | undefined;
};

export type NewTrunk = NewSubscription & {
  readonly tenantId: string;
  readonly trunkId: string;
  readonly bulkRegistration?: TrunkItem['bulkRegistration'];
  readonly numbers?: TrunkItem['numbers'];
};

export interface NewUser {
  readonly tenantId: string;
  /** For option 2 the public identity itself, `sip:alice@ims.example`. */
  readonly userName: string;
  /** Absent for a user who comes with ID tokens alone: then no password fits. */
  readonly password?: string | undefined;
  /** For option 3 the IMS credentials behind the token. */
  readonly vault?: NewSubscription | undefined;
}

/** What an operator sets up; each may be repeated, the last one holds. Throws at what cannot work. */
export interface Provisioning {
  putTenant(tenant: TenantItem): Promise<void>;
  /** Of the tenant's client certificate toward its P-CSCF, sealed for it and its home domain. */
  sealTlsKey(
    tenant: Pick<TenantItem, 'tenantId'>,
    homeDomain: string,
    keyPem: string,
  ): Promise<string>;
  /** What the tenant shares with its TURN server, sealed for it. */
  sealTurnSecret(tenant: Pick<TenantItem, 'tenantId'>, secret: string): Promise<string>;
  putTrunk(trunk: NewTrunk): Promise<void>;
  /** A new password also revokes the tokens that the old one has fetched. */
  putUser(user: NewUser): Promise<void>;
  /** False: there is no such user. */
  revokeTokens(user: Pick<NewUser, 'tenantId' | 'userName'>): Promise<boolean>;
  /**
   * Says which user a subject of an issuer is. False: it is another one, or the user is another
   * subject of that issuer; nothing is overwritten.
   */
  bindIdentity(identity: OidcIdentityItem): Promise<boolean>;
  /** False: there is no such identity. */
  unbindIdentity(identity: OidcIdentityItem): Promise<boolean>;
  /** Gives up what `register` has bound to the user of a trunk. */
  releaseBinding(release: Release): Promise<ReleaseOutcome>;
}

export function createProvisioning(deps: ProvisioningDeps): Provisioning {
  return {
    async putTenant(tenant) {
      const fault = tenant.impiRule === undefined ? undefined : faultOfImpiRule(tenant.impiRule);
      if (fault !== undefined) throw new TypeError(`tenant ${tenant.tenantId}: impiRule: ${fault}`);
      await deps.tenants.put(tenant);
    },
    sealTlsKey: ({ tenantId: tenant }, homeDomain, keyPem) =>
      deps.sealer.seal(new Secret(keyPem), { tenant, purpose: 'tls', subject: homeDomain }),
    sealTurnSecret: ({ tenantId: tenant }, secret) =>
      deps.sealer.seal(new Secret(secret), { tenant, purpose: 'turn', subject: tenant }),
    async putTrunk({ bulkRegistration, numbers, tenantId: tenant, trunkId, ...given }) {
      const credentials = await sealed(deps, tenant, given);
      const bulk = { bulkRegistration, numbers };
      await deps.trunks.put({ tenantId: tenant, trunkId, ...credentials, ...bulk });
    },
    async putUser({ tenantId: tenant, userName, password, vault }) {
      const { hasher } = deps;
      const passwordHash =
        password === undefined ? hasher.dummyHash : await hasher.hash(new Secret(password));
      const tokensFromMs = deps.clock.nowMs();
      const user: UserItem = { tenantId: tenant, userName, passwordHash, tokensFromMs };
      const kept = vault ? { vault: await sealed(deps, tenant, vault) } : {};
      await deps.users.put({ ...user, ...kept });
    },
    revokeTokens: ({ tenantId: tenant, userName }) =>
      deps.users.revokeTokens(tenantId(tenant), userName, deps.clock.nowMs()),
    bindIdentity: (identity) => deps.identities.bind(identity),
    unbindIdentity: (identity) => deps.identities.unbind(identity),
    releaseBinding: (release) => releaseBinding(deps, release),
  };
}

async function sealed(deps: ProvisioningDeps, tenant: string, given: NewSubscription) {
  const identity = impuOf(given.impu);
  if (!identity) throw new TypeError(`${given.impu} is no public identity: sip:user@domain`);
  const subject = given.impi ?? (await impiByRule(deps, tenant, identity));
  const context = { tenant, purpose: 'ims', subject } as const;
  const { kind, secret } = secretIn(given);
  const sealedPassword = await deps.sealer.seal(secret, context);
  return { impu: identity, impi: subject, sealedPassword, ...kind };
}

function secretIn(given: NewSecret) {
  if ('password' in given) return { kind: {}, secret: new Secret(given.password) };
  const { k, opc } = given.aka;
  return { kind: { secretKind: 'aka' } as const, secret: new Secret(`${k}:${opc}`) };
}

const impiByRule = async (deps: ProvisioningDeps, tenant: string, identity: Impu) =>
  impiOf(identity, (await deps.tenants.get(tenantId(tenant)))?.impiRule);

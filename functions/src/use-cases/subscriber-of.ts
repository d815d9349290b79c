import type { BoundIdentity, OwnSubscription } from '@isthmus/shared/control/commands';
import { impu as impuOfText, type TenantId, tenantId } from '@isthmus/shared/domain/ids';
import type { RegistrationOption } from '@isthmus/shared/domain/registration-option';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import type { ConnectionItem, NodeItem } from '@isthmus/shared/store/items';
import type { RequestOf } from '@isthmus/shared/wire/requests';
import { impiOf, impuOf } from '../policy/impi-rule.ts';
import type { Login } from '../ports/connection-store.ts';
import type { TenantStore } from '../ports/directory.ts';
import { type AdmitUserDeps, admitUser } from './admit-user.ts';
import { type BindIdentityDeps, bindIdentity } from './bind-identity.ts';
import { nodeOfTrunk, nodesForUser, type PlaceDeps } from './place-on-node.ts';
import { type RedeemTokenDeps, redeemToken } from './redeem-token.ts';

export interface SubscriberDeps
  extends RedeemTokenDeps,
    BindIdentityDeps,
    PlaceDeps,
    AdmitUserDeps {
  readonly tenants: TenantStore;
}

/** Whom to register in IMS, as what, and on which nodes it may be tried. */
export interface Subscriber {
  readonly tenant: TenantId;
  readonly userName: string;
  readonly option: RegistrationOption;
  readonly identity: OwnSubscription | BoundIdentity;
  readonly nodes: readonly NodeItem[];
  /** Asked once more where a node says that another one has the registration. */
  readonly placeAgain: () => Promise<readonly NodeItem[]>;
}

/** The user behind a `register`: the one of the token, else the one logged in on the connection. */
export async function subscriberOf(
  deps: SubscriberDeps,
  connection: ConnectionItem,
  request: RequestOf<'register'>,
): Promise<Subscriber> {
  if (request.token !== undefined) return byToken(deps, connection, request.token);
  const { login } = connection;
  if (login?.tenantId !== request.tenant) throw new IwfError('session.none', {});
  return login.option === 'ip-pbx' ? byBinding(deps, login) : byLogin(deps, login);
}

/** Redeemed for the tenant of the connection: a token of another is foreign, whatever is claimed. */
async function byToken(
  deps: SubscriberDeps,
  connection: ConnectionItem,
  token: string,
): Promise<Subscriber> {
  const { userName, vault } = await redeemToken(deps, { tenant: connection.tenantId, token });
  const tenant = tenantId(connection.tenantId);
  await admitUser(deps, { tenant, option: 'token', userName });
  const identity = { kind: 'own', ...vault } as const;
  return {
    tenant,
    userName,
    option: 'token',
    identity,
    ...(await placed(deps, { tenant, userName, impu: vault.impu })),
  };
}

async function byBinding(deps: SubscriberDeps, login: Login): Promise<Subscriber> {
  const tenant = tenantId(login.tenantId);
  const { userName, option } = login;
  await admitUser(deps, { tenant, option, userName });
  const { nodeId, subscriber } = await bindIdentity(deps, { tenant, userName });
  const nodes = await nodeOfTrunk(deps, { owner: nodeId, trunkId: subscriber.trunkId });
  const placeAgain = () => Promise.resolve([]);
  return { tenant, userName, option, identity: subscriber, nodes, placeAgain };
}

async function byLogin(deps: SubscriberDeps, login: Login): Promise<Subscriber> {
  const tenant = tenantId(login.tenantId);
  const { userName, option, sealedPassword } = login;
  const impu = impuOf(userName);
  if (sealedPassword === undefined || !impu) throw new IwfError('session.none', {});
  await admitUser(deps, { tenant, option, userName });
  const rule = (await deps.tenants.get(tenant))?.impiRule;
  const identity = { kind: 'own', impu, impi: impiOf(impu, rule), sealedPassword } as const;
  const where = await placed(deps, { tenant, userName, impu });
  return { tenant, userName, option, identity, ...where };
}

async function placed(
  deps: PlaceDeps,
  who: { readonly tenant: TenantId; readonly userName: string; readonly impu: string },
): Promise<Pick<Subscriber, 'nodes' | 'placeAgain'>> {
  const placeAgain = () => nodesForUser(deps, { ...who, impu: impuOfText(who.impu) });
  return { nodes: await placeAgain(), placeAgain };
}

import { type Impu, nodeId, type TenantId } from '@isthmus/shared/domain/ids';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import type { NodeItem } from '@isthmus/shared/store/items';
import type { NodeDirectory } from '../ports/node-directory.ts';
import type { RegistrationDirectory } from '../ports/registration-directory.ts';
import type { SessionStore } from '../ports/session-store.ts';

export interface PlaceDeps {
  readonly nodes: NodeDirectory;
  readonly sessions: SessionStore;
  readonly registrations: RegistrationDirectory;
}

export interface Registrant {
  readonly tenant: TenantId;
  readonly userName: string;
  readonly impu: Impu;
}

/** One retry on another node, so two are enough to know. */
const CANDIDATES = 2;

/**
 * Where a user of options 2 and 3 may register, best first: on the node that has the registration,
 * since one subscription is one registration on one node; else where there is most room. A node
 * whose lease has lapsed has nothing: whoever is asked next takes over what it had.
 */
export async function nodesForUser(
  deps: PlaceDeps,
  registrant: Registrant,
): Promise<readonly NodeItem[]> {
  const known = await nodeOfUser(deps, registrant);
  if (known) return [known];
  const up = await deps.nodes.leastUsed(CANDIDATES);
  const withRoom = up.filter((node) => node.used < node.capacity);
  const [first] = up;
  if (!first) throw new IwfError('node.unavailable', { nodeId: 'none' });
  if (withRoom.length > 0) return withRoom;
  throw new IwfError('node.at-capacity', { activeCalls: first.used, limit: first.capacity });
}

async function nodeOfUser(
  deps: PlaceDeps,
  { impu, tenant, userName }: Registrant,
): Promise<NodeItem | undefined> {
  const owner = await deps.registrations.ownerOf(tenant, impu);
  const keeper = owner && (await deps.nodes.get(owner));
  if (keeper) return keeper;
  for (const session of await deps.sessions.liveOf(tenant, userName)) {
    const node = await deps.nodes.get(nodeId(session.nodeId));
    if (node) return node;
  }
  return undefined;
}

/** The one node that registers a trunk. */
export async function nodeOfTrunk(
  deps: Pick<PlaceDeps, 'nodes'>,
  { owner, trunkId }: { readonly owner: string; readonly trunkId: string },
): Promise<readonly NodeItem[]> {
  const node = await deps.nodes.get(nodeId(owner));
  if (!node) throw new IwfError('registration.trunk-down', { trunkId });
  return [node];
}

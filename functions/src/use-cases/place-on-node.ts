import type { TenantId } from '@isthmus/shared/domain/ids';
import { nodeId } from '@isthmus/shared/domain/ids';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import type { NodeItem } from '@isthmus/shared/store/items';
import type { NodeDirectory } from '../ports/node-directory.ts';
import type { SessionStore } from '../ports/session-store.ts';

export interface PlaceDeps {
  readonly nodes: NodeDirectory;
  readonly sessions: SessionStore;
}

/** One retry on another node, so two are enough to know. */
const CANDIDATES = 2;

/**
 * Where a user of options 2 and 3 may register, best first: with the user's other devices, since
 * one subscription is one registration on one node; else where there is most room.
 */
export async function nodesForUser(
  deps: PlaceDeps,
  tenant: TenantId,
  userName: string,
): Promise<readonly NodeItem[]> {
  for (const session of await deps.sessions.liveOf(tenant, userName)) {
    const node = await deps.nodes.get(nodeId(session.nodeId));
    if (node) return [node];
  }
  const up = await deps.nodes.leastUsed(CANDIDATES);
  const withRoom = up.filter((node) => node.used < node.capacity);
  const [first] = up;
  if (!first) throw new IwfError('node.unavailable', { nodeId: 'none' });
  if (withRoom.length > 0) return withRoom;
  throw new IwfError('node.at-capacity', { activeCalls: first.used, limit: first.capacity });
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

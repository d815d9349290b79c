import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createJsonLog } from '@isthmus/media-node/adapters/telemetry/json-log';
import { systemClock } from '@isthmus/media-node/adapters/time/system-clock';
import { type Cluster, startCluster } from '../../../local/src/cluster.ts';
import { useLocalCredentials } from '../../../local/src/env.ts';
import type { NodeProcess } from '../../../local/src/node-process.ts';
import { RawRtp } from '../../integration/ims-simulator/raw-rtp.ts';
import { RawPhone, tcpWire } from '../../integration/ims-simulator/raw-sip-client.ts';
import { WireClient } from '../../support/wire-client.ts';
import { benchWorld, farAccount, TENANT, userOf } from '../world.ts';

export interface Member {
  readonly impu: string;
  readonly wire: WireClient;
}

/** Users on several node processes, and one phone of IMS that can call each of them. */
export interface Fleet {
  readonly members: readonly Member[];
  readonly caller: RawPhone;
  readonly sdp: string;
  nodes(): readonly NodeProcess[];
  /** Registrations as IMS has them: which flow each identity is reached by. */
  flows(): ReadonlyMap<string, string>;
  startNode(): Promise<NodeProcess>;
  close(): Promise<void>;
}

export interface FleetOptions {
  readonly users: number;
  readonly nodes: number;
}

/** Password hashing is slow on purpose, so users come a few at a time. */
const AT_ONCE = 4;

export async function startFleet({ nodes, users }: FleetOptions): Promise<Fleet> {
  useLocalCredentials();
  const dataDir = await mkdtemp(join(tmpdir(), 'isthmus-chaos-'));
  const log = createJsonLog({ stream: process.stderr, clock: systemClock }, { level: 'error' });
  const cluster = await startCluster({
    ...{ nodes, dataDir, log, port: 0, world: benchWorld(users, 1) },
    functionsEnv: { LOGINS_PER_ADDRESS: '100000' },
  });
  const caller = new RawPhone(await tcpWire(sipPortOf(cluster)), farAccount(0));
  await caller.register();
  const rtp = await RawRtp.open();
  const members = await registered(cluster, users);
  return {
    members,
    caller,
    sdp: rtp.sdp('8'),
    nodes: () => cluster.nodes.filter(({ isRunning }) => isRunning),
    flows: () =>
      new Map(cluster.simulator?.registrations().map((it) => [it.defaultImpu, it.flow]) ?? []),
    startNode: () => cluster.startNode(),
    async close() {
      caller.wire.close();
      rtp.close();
      for (const { wire } of members) wire.terminate();
      await cluster.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

const sipPortOf = ({ simulator }: Cluster): number => simulator?.sipPort ?? 0;

async function registered({ port }: Cluster, users: number): Promise<readonly Member[]> {
  const rest = Array.from({ length: users }, (_, index) => index);
  const members: Member[] = [];
  const one = async (): Promise<void> => {
    for (let index = rest.shift(); index !== undefined; index = rest.shift()) {
      const wire = await WireClient.open({ port, tenant: TENANT });
      const user = userOf(index);
      await wire.logIn(user);
      members.push({ impu: user.userName, wire });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
  return members;
}

import { join } from 'node:path';
import type { ScryptCost } from '@isthmus/functions/adapters/scrypt-password-hasher';
import { type Env, readEnv } from '@isthmus/functions/env';
import type { Log } from '@isthmus/media-node/ports/log';
import type { CallingPolicy } from '@isthmus/shared/store/calling-policy';
import { type DemoWorld, loadDemoWorld } from './demo-world.ts';
import { createDynamoTable } from './dynamo/adapters/create-table.ts';
import { createLocalDynamo } from './dynamo/local-dynamo.ts';
import type { Fault } from './env.ts';
import { type FrontServer, openFrontServer } from './front-server.ts';
import type { Gateway } from './gateway/gateway.ts';
import type { ImsSimulator } from './ims/ims-types.ts';
import { startImsSimulator } from './ims/simulator.ts';
import { sealKeyFile } from './seal-key-file.ts';
import { seed } from './seeding.ts';
import { createSignalling } from './signalling.ts';
import { createSite } from './site.ts';
import { functionsTelemetry } from './telemetry.ts';

export interface GroundOptions {
  /** 0: any free one. */
  readonly port: number;
  readonly dataDir: string;
  readonly log: Log;
  /** Toward the P-CSCF. */
  readonly transport?: 'tcp' | 'udp';
  /** How long a session outlives its WebSocket. */
  readonly graceS?: number;
  /** Another IMS than the simulator: a lab's P-CSCF that knows the people of `world`. */
  readonly pcscf?: { readonly host: string; readonly port: number };
  readonly world?: DemoWorld;
  /** Of the passwords of `world`; that of real ones unless told. */
  readonly passwordCost?: ScryptCost;
  /** The simulator registers blocks of numbers (RFC 6140). */
  readonly bulkRegistration?: boolean;
  readonly faults?: readonly Fault[];
  /** Of every tenant. */
  readonly calling?: CallingPolicy;
  /** Variables of the functions that shall differ. */
  readonly functionsEnv?: Readonly<Record<string, string>>;
}

/** Everything but the media nodes; `onClose` runs last in, first out. */
export interface Ground {
  readonly port: number;
  readonly world: DemoWorld;
  readonly gateway: Gateway;
  /** Absent when another IMS was given. */
  readonly simulator: ImsSimulator | undefined;
  /** Where the one table is, for those who want to see what is stored. */
  readonly storage: { readonly endpoint: string; readonly tableName: string };
  /** Variables that lead a node here. */
  readonly nodeEnv: Readonly<Record<string, string>>;
  readonly onClose: (close: () => Promise<unknown>) => void;
  readonly close: () => Promise<void>;
}

/** What the rest is built on. */
interface Base {
  readonly options: GroundOptions;
  readonly onClose: Ground['onClose'];
  readonly world: DemoWorld;
  readonly front: FrontServer;
  readonly storage: Ground['storage'];
  /** Variables that functions and node share. */
  readonly common: Readonly<Record<string, string>>;
}

const HOST = '127.0.0.1';
const STAGE = 'local';
const TABLE_NAME = 'isthmus';
const REGION = 'us-east-1';
const GRACE_S = 30;
/** All share one machine here: a busy one is not a dead node. */
const CONTROL_DEADLINE_MS = '5000';

/** Gateway, functions, table and IMS, on loopback. */
export async function startGround(options: GroundOptions): Promise<Ground> {
  const closings: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const closing of closings.splice(0).reverse()) await closing();
  };
  const onClose: Ground['onClose'] = (closing) => closings.push(closing);
  try {
    const base = await prepare(options, onClose);
    const simulator = await simulateIms(base);
    const env = readEnv({ ...base.common, CONTROL_DEADLINE_MS, ...options.functionsEnv });
    await provision(base, env, simulator);
    const gateway = await openSignalling(base, env);
    const { front, storage, world } = base;
    const nodeEnv = nodeEnvOf(base);
    return { port: front.port, world, gateway, simulator, storage, nodeEnv, onClose, close };
  } catch (error) {
    await close();
    throw error;
  }
}

const nodeEnvOf = ({ common, front }: Base): Ground['nodeEnv'] => ({
  ...common,
  GATEWAY_ENDPOINT: `http://${HOST}:${String(front.port)}/${STAGE}`,
  BIND_ADDRESS: HOST,
  ALLOW_LAN_MEDIA: 'true',
  // Of all that shares this machine, media is the least.
  MEDIA_WORKERS: '1',
});

async function prepare(options: GroundOptions, onClose: Ground['onClose']): Promise<Base> {
  const { dataDir, log } = options;
  const front = await openFrontServer(options.port);
  onClose(() => front.close());
  const dynamo = createLocalDynamo({ path: join(dataDir, 'dynamo'), log });
  const { port } = await dynamo.listen(0, HOST);
  onClose(() => dynamo.close());
  const endpoint = `http://${HOST}:${String(port)}`;
  await createDynamoTable({ endpoint, region: REGION, tableName: TABLE_NAME });
  return {
    options,
    onClose,
    front,
    storage: { endpoint, tableName: TABLE_NAME },
    world: options.world ?? (await loadDemoWorld(dataDir)),
    common: {
      TABLE_NAME,
      AWS_REGION: REGION,
      DYNAMODB_ENDPOINT: endpoint,
      SEAL_KEY_FILE: await sealKeyFile(dataDir),
    },
  };
}

async function simulateIms(ground: Base): Promise<ImsSimulator | undefined> {
  const { onClose, options, world } = ground;
  if (options.pcscf) return undefined;
  const simulator = await startImsSimulator({
    host: HOST,
    domains: world.tenants.map(({ domain }) => domain),
    subscribers: world.subscribers,
    log: options.log,
    bulkRegistration: options.bulkRegistration ?? false,
  });
  onClose(() => simulator.close());
  return simulator;
}

async function provision(
  { front, options, world }: Base,
  env: Env,
  simulator: ImsSimulator | undefined,
): Promise<void> {
  const { calling, graceS = GRACE_S, passwordCost, transport = 'tcp' } = options;
  const pcscf = options.pcscf ?? { host: HOST, port: simulator?.sipPort ?? 0 };
  const origins = ['localhost', HOST].map((name) => `http://${name}:${String(front.port)}`);
  await seed({ env, world, origins, pcscf, transport, graceS, calling, passwordCost });
}

async function openSignalling({ front, onClose, options, world }: Base, env: Env) {
  const { faults = [], log } = options;
  const telemetry = functionsTelemetry(log);
  const gateway = createSignalling({ env, telemetry, stage: STAGE, log });
  gateway.faults.reorder = faults.includes('reorder');
  gateway.faults.duplicate = faults.includes('duplicate');
  gateway.faults.dropDisconnect = faults.includes('drop-disconnect');
  const site = await createSite({ tenants: world.tenants.map((it) => it.tenant), stage: STAGE });
  const isManagement = gateway.attach(front.server);
  front.serve((request, response) => {
    if (!isManagement(request, response)) site.handle(request, response);
  });
  onClose(() => gateway.close());
  return gateway;
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import type { DemoUser } from '../../../local/src/demo-world.ts';
import { useLocalCredentials } from '../../../local/src/env.ts';
import type { CallReport, ImsSimulator } from '../../../local/src/ims/ims-types.ts';
import { type Stack, type StackOptions, startStack } from '../../../local/src/stack.ts';
import { createJsonLog } from '../../../media-node/src/adapters/telemetry/json-log.ts';
import { systemClock } from '../../../media-node/src/adapters/time/system-clock.ts';
import { CHEAP_PASSWORDS } from '../../support/cheap-passwords.ts';
import { type WireAddress, WireClient, type WireSession } from '../../support/wire-client.ts';
import { WirePhone } from '../../support/wire-phone.ts';

type Options = Partial<Omit<StackOptions, 'port' | 'log'>>;
export type Item = Readonly<Record<string, unknown>>;

export interface Someone {
  readonly user: DemoUser;
  readonly wire: WireClient;
  readonly session: WireSession;
}

/** The whole of Isthmus in this process, with its clients, its log and its table in view. */
export class TestStack {
  readonly stack: Stack;
  readonly lines: readonly string[];
  readonly #dataDir: string;
  readonly #isOwnDir: boolean;
  #wires: WireClient[] = [];
  #phones: WirePhone[] = [];

  private constructor(stack: Stack, place: { lines: string[]; dataDir: string; isOwn: boolean }) {
    this.stack = stack;
    this.lines = place.lines;
    this.#dataDir = place.dataDir;
    this.#isOwnDir = place.isOwn;
  }

  static async start(options: Options = {}): Promise<TestStack> {
    useLocalCredentials();
    const dataDir = options.dataDir ?? (await aDataDir());
    const lines: string[] = [];
    const stream = { write: (line: string) => lines.push(line) };
    const log = createJsonLog({ stream, clock: systemClock }, { level: 'debug' });
    const stack = await startStack({
      ...{ passwordCost: CHEAP_PASSWORDS, ...options },
      ...{ port: 0, dataDir, log },
    });
    return new TestStack(stack, { lines, dataDir, isOwn: options.dataDir === undefined });
  }

  get simulator(): ImsSimulator {
    if (!this.stack.simulator) throw new Error('no simulator');
    return this.stack.simulator;
  }

  user(tenant: string, option: DemoUser['option'], index = 0): DemoUser {
    const fitting = this.stack.world.users.filter(
      (it) => it.tenant === tenant && it.option === option,
    );
    const user = fitting[index];
    if (!user) throw new Error(`no user ${String(index)} of ${tenant} for ${option}`);
    return user;
  }

  async connect(tenant: string, more: Partial<WireAddress> = {}): Promise<WireClient> {
    const wire = await WireClient.open({ port: this.stack.port, tenant, ...more });
    this.#wires.push(wire);
    return wire;
  }

  async logIn(user: DemoUser): Promise<Someone> {
    const wire = await this.connect(user.tenant);
    return { user, wire, session: await wire.logIn(user) };
  }

  async call({ wire, session }: Someone, target = 'echo'): Promise<WirePhone> {
    const phone = await WirePhone.inCall(wire, session, target);
    this.#phones.push(phone);
    return phone;
  }

  async answer({ wire, session }: Someone): Promise<WirePhone> {
    const phone = await WirePhone.answering(wire, session);
    this.#phones.push(phone);
    return phone;
  }

  /** The simulator's side of the last call from this identity. */
  callFrom(impu: string): CallReport | undefined {
    return this.simulator.calls().findLast(({ peer }) => peer.includes(impu));
  }

  async items(): Promise<readonly Item[]> {
    const { endpoint, tableName } = this.stack.storage;
    const dynamo = new DynamoDBClient({ endpoint, region: 'us-east-1' });
    const client = DynamoDBDocumentClient.from(dynamo);
    const found: Item[] = [];
    for await (const page of paginateScan({ client }, { TableName: tableName })) {
      found.push(...(page.Items ?? []));
    }
    dynamo.destroy();
    return found;
  }

  /** Ends every client of one test: calls hung up, sessions logged out. */
  async clear(): Promise<void> {
    await Promise.all(this.#phones.splice(0).map((phone) => phone.close()));
    await Promise.all(this.#wires.splice(0).map((wire) => leave(wire)));
  }

  async close(): Promise<void> {
    await this.clear();
    await this.stack.close();
    if (this.#isOwnDir) await rm(this.#dataDir, { recursive: true, force: true });
  }
}

export const aDataDir = (): Promise<string> => mkdtemp(join(tmpdir(), 'isthmus-stack-'));

export async function leave(wire: WireClient): Promise<void> {
  if (wire.socket.readyState !== wire.socket.OPEN) return;
  await wire.request({ action: 'logout' });
  wire.terminate();
}

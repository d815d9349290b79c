import { setImmediate as turn } from 'node:timers/promises';
import type { RegisterCommand } from '@isthmus/shared/control/commands';
import { impu, nodeId } from '@isthmus/shared/domain/ids';
import { Secret } from '@isthmus/shared/domain/secret';
import type { CallDialog, CallItem } from '@isthmus/shared/store/call-records';
import { restTurnCredentials } from '../../media-node/src/adapters/turn/rest-turn-credentials.ts';
import { MediaNode } from '../../media-node/src/app/node/media-node.ts';
import type {
  SipAccountEvent,
  SipAccountOptions,
  SipAccounts,
} from '../../media-node/src/ports/sip-accounts.ts';
import { aTenant } from './a-tenant.ts';
import { FakeCallMediaFactory } from './fake-call-media.ts';
import { FakeClock } from './fake-clock.ts';
import { FakeSipAccount } from './fake-sip-account.ts';
import { MemoryClientPush } from './node-memory-push.ts';
import { createNodeMemoryStores } from './node-memory-stores.ts';
import { noLog } from './node-no-log.ts';

export const TENANT = aTenant('coast', { options: ['same-credentials'] });

/** What one node said to IMS of one identity, in the order of its saying. */
export interface Said {
  readonly node: string;
  readonly what:
    | 'register'
    | 'register beside'
    | 'stand alone'
    | 'deregister'
    | 'close'
    | `release ${string}`;
  readonly instanceId: string;
}

class RecordedAccount extends FakeSipAccount {
  readonly #say: (what: Said['what']) => void;
  readonly #answer: () => void;

  constructor(say: (what: Said['what']) => void, answer: () => void) {
    super();
    this.#say = say;
    this.#answer = answer;
  }

  override register(beside?: 'beside'): void {
    this.#say(beside ? 'register beside' : 'register');
    queueMicrotask(this.#answer);
  }

  override standAlone(): void {
    this.#say('stand alone');
  }

  override deregister(): Promise<void> {
    this.#say('deregister');
    return Promise.resolve();
  }

  override release({ callId }: CallDialog): void {
    this.#say(`release ${callId}`);
  }

  override close(): void {
    this.#say('close');
  }
}

export type FleetMember = ReturnType<NodeFleet['aNode']>;

interface Registering {
  readonly device: string;
  readonly userName: string;
  readonly option: RegisterCommand['option'];
}

/** Media nodes on one table and one clock; IMS takes every REGISTER unless told. */
export class NodeFleet {
  readonly clock = new FakeClock();
  readonly push = new MemoryClientPush();
  readonly said: Said[] = [];
  /** Metrics of registrations, in the order of their counting. */
  readonly counted: (readonly [string, Readonly<Record<string, string>> | undefined])[] = [];
  imsRefuses = false;
  readonly shared = createNodeMemoryStores(this.clock);
  #ids = 0;

  constructor() {
    this.clock.advance(1_000_000);
  }

  aNode(name: string, { registrationCapacity = 100 } = {}) {
    const { stores } = this.shared;
    const reach = { isThere: true };
    const registry = {
      ...stores.registry,
      announce: (...given: Parameters<typeof stores.registry.announce>) =>
        reach.isThere ? stores.registry.announce(...given) : Promise.reject(new Error('gone')),
      renew: (...given: Parameters<typeof stores.registry.renew>) =>
        reach.isThere ? stores.registry.renew(...given) : Promise.reject(new Error('gone')),
      list: () => (reach.isThere ? stores.registry.list() : Promise.reject(new Error('gone'))),
    };
    const accounts: { options: SipAccountOptions; ims: (event: SipAccountEvent) => void }[] = [];
    const node = new MediaNode(
      {
        ...stores,
        registry,
        accounts: this.#accountsOf(name, accounts),
        media: new FakeCallMediaFactory(),
        push: this.push,
        turn: restTurnCredentials,
        unsealer: { unseal: (text) => Promise.resolve(new Secret(text)) },
        clock: this.clock,
        ids: { random: () => 'r', uuid: () => this.#uuid() },
        log: noLog,
        metrics: {
          count: (metric, dimensions) => this.counted.push([metric, dimensions]),
          gauge: () => undefined,
        },
      },
      {
        ...{ nodeId: nodeId(name), capacity: 10, registrationCapacity },
        ...{ probeMs: 3_600_000, stunUrl: 'stun:127.0.0.1' },
      },
    );
    return { node, reach, accounts, name };
  }

  async start(name: string, options = {}): Promise<FleetMember> {
    const member = this.aNode(name, options);
    const facts = { address: '127.0.0.1', port: 1, certificatePem: 'pem', controlKey: 'key' };
    const epoch = this.clock.nowMs();
    await member.node.start({ ...facts, nodeId: name, epoch, capacity: 10 });
    return member;
  }

  /** Registers a device as the functions would. */
  register(
    member: FleetMember,
    user: string,
    device = user,
    secretKind?: 'aka' | 'password',
  ): Promise<void> {
    return this.#registerAs(
      member,
      { userName: user, device, option: 'same-credentials' },
      {
        ...{ kind: 'own', impu: impuOf(user), impi: `${user}@ims.example` },
        sealedPassword: 'sealed',
        ...(secretKind && { secretKind }),
      },
    );
  }

  /** Registers somebody with an identity of a trunk, as the functions would. */
  registerBound(
    member: FleetMember,
    user: string,
    bound: { readonly impu: string; readonly trunkId: string },
  ): Promise<void> {
    const who = { userName: user, device: user, option: 'ip-pbx' } as const;
    return this.#registerAs(member, who, { kind: 'bound', ...bound });
  }

  async #registerAs(
    { name, node }: FleetMember,
    { device, option, userName }: Registering,
    subscriber: RegisterCommand['subscriber'],
  ): Promise<void> {
    const connection = `connection of ${device}`;
    this.push.open(connection);
    await this.shared.world.putTenant(TENANT);
    await this.shared.world.putSession({
      ...{ sessionId: device, tenantId: 'coast', userName, option },
      ...{ resumeKeySha256: 'hash', connectionId: connection, nodeId: name, state: 'live' },
      ttl: 9_999_999_999,
    });
    await node.command({
      ...{ kind: 'register', commandId: device, tenant: 'coast', sessionId: device },
      ...{ connectionId: connection, userName, option, subscriber },
    });
    await this.settle();
  }

  /** What the browser of a device was told, in order. */
  told(device: string): readonly Readonly<Record<string, unknown>>[] {
    return this.push
      .posted(`connection of ${device}`)
      .map((json) => JSON.parse(json) as Readonly<Record<string, unknown>>);
  }

  /** A call of a device that IMS has answered, as its node wrote it down. */
  async talking(node: string, device: string): Promise<void> {
    const call: CallItem = {
      ...{ attemptId: `attempt of ${device}`, callId: 'call-0001', tenantId: 'coast' },
      ...{ nodeId: node, sessionId: 'other', parties: [device], userName: device },
      ...{ direction: 'incoming', peer: 'sip:x', startedAtMs: 1, answeredAtMs: 2 },
      dialog: {
        ...{ callId: `sip call of ${device}`, localTag: 'l', remoteTag: 'r', cseq: 1, routes: [] },
        ...{ localUri: impuOf(device), remoteUri: 'sip:x', remoteTarget: 'sip:x@192.0.2.2' },
      },
    };
    await this.shared.stores.calls.begin(call);
    await this.shared.stores.calls.answered(call);
  }

  ownerOf(user: string) {
    const name = { tenantId: 'coast' as never, impu: impu(impuOf(user)) };
    return this.shared.stores.registrations.get(name);
  }

  /** In steps, so that what one step leads to happens in the next. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= STEP_MS) {
      this.clock.advance(Math.min(STEP_MS, left));
      await this.settle();
    }
  }

  async settle(): Promise<void> {
    for (let turns = 0; turns < TURNS; turns += 1) await turn();
  }

  #uuid(): string {
    this.#ids += 1;
    return `uuid-${String(this.#ids)}`;
  }

  #accountsOf(
    node: string,
    opened: { options: SipAccountOptions; ims: (event: SipAccountEvent) => void }[],
  ): SipAccounts {
    return {
      open: (options, ims) => {
        opened.push({ options, ims });
        const { impu: identity, instanceId } = options;
        return new RecordedAccount(
          (what) => this.said.push({ node, what, instanceId }),
          () => {
            if (this.imsRefuses) ims({ kind: 'refused', status: 403, reason: 'Forbidden' });
            else ims({ kind: 'registered', defaultImpu: identity, implicitSet: [identity] });
          },
        );
      },
      close: () => Promise.resolve(),
    };
  }
}

const STEP_MS = 250;
const TURNS = 4;
export const impuOf = (user: string): string => `sip:${user}@ims.example`;

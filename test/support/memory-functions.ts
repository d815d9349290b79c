import { createHash } from 'node:crypto';
import type { ControlCommand } from '@isthmus/shared/control/commands';
import type { ErrorView } from '@isthmus/shared/errors/error-view';
import { viewOf } from '@isthmus/shared/errors/error-view';
import type { IwfErrorCode } from '@isthmus/shared/errors/iwf-error';
import type { NodeItem, TenantItem } from '@isthmus/shared/store/items';
import { createDirectoryAuthenticator } from '../../functions/src/adapters/directory-authenticator.ts';
import { createOidcAuthenticator } from '../../functions/src/adapters/oidc-authenticator.ts';
import { randomKeyMint } from '../../functions/src/adapters/random-key-mint.ts';
import { createAuthorizeHandler } from '../../functions/src/handlers/authorize.ts';
import { createConnectionHandler } from '../../functions/src/handlers/connection.ts';
import { createLoginHandler } from '../../functions/src/handlers/login.ts';
import { createRegistrationHandler } from '../../functions/src/handlers/registration.ts';
import { createSessionHandler } from '../../functions/src/handlers/session.ts';
import { createTokenHandler } from '../../functions/src/handlers/token.ts';
import type { LambdaHandler } from '../../functions/src/middleware/gateway-event.ts';
import type { Log, LogFacts, LogScope } from '../../functions/src/ports/log.ts';
import type { MetricName, Metrics } from '../../functions/src/ports/metrics.ts';
import type { ControlOutcome, NodeControl } from '../../functions/src/ports/node-control.ts';
import type { PasswordHasher } from '../../functions/src/ports/password-hasher.ts';
import type { Sealer } from '../../functions/src/ports/sealer.ts';
import { createConnectionLife } from '../../functions/src/use-cases/connection-life.ts';
import {
  createForwardCall,
  createForwardForwarding,
  createForwardMessage,
} from '../../functions/src/use-cases/forward-call.ts';
import { createIssueToken } from '../../functions/src/use-cases/issue-token.ts';
import { createLetIn } from '../../functions/src/use-cases/let-in.ts';
import { createLogIn } from '../../functions/src/use-cases/log-in.ts';
import { createLogOut } from '../../functions/src/use-cases/log-out.ts';
import { createProvisioning } from '../../functions/src/use-cases/provision.ts';
import { createRegister } from '../../functions/src/use-cases/register.ts';
import { createResume } from '../../functions/src/use-cases/resume.ts';
import { MemoryClock } from './memory-clock.ts';
import { MemoryIdTokenVerifier } from './memory-id-token-verifier.ts';
import { createMemoryStores, type NodeWrites, type Stores } from './memory-stores.ts';

export const ORIGIN = 'https://phone.example';
export const LIMITS = { perUser: 5, perAddress: 20, windowS: 60 };
export const TOKEN_TTL_S = 60;

/** Cheap, and countable: what matters is how often it is asked. */
export class CountingHasher implements PasswordHasher {
  readonly dummyHash = 'dummy';
  verified = 0;
  hash(password: { reveal(): string }): Promise<string> {
    return Promise.resolve(createHash('sha256').update(password.reveal()).digest('hex'));
  }
  async verify(password: { reveal(): string }, hash: string): Promise<boolean> {
    this.verified += 1;
    return (await this.hash(password)) === hash;
  }
}

/** Shows in the sealed text what it was sealed for. */
export const readableSealer: Sealer = {
  seal: (secret, { purpose, subject, tenant }) =>
    Promise.resolve(
      `sealed(${[tenant, purpose, subject].join('|')}|${String(secret.reveal().length)})`,
    ),
};

export class RecordingLog implements Log, LogScope {
  readonly lines: { level: string; message: string; facts: LogFacts }[] = [];
  #scope: LogFacts = {};
  info(message: string, facts: LogFacts = {}): void {
    this.#add('info', message, facts);
  }
  warn(message: string, facts: LogFacts = {}): void {
    this.#add('warn', message, facts);
  }
  error(message: string, facts: LogFacts = {}): void {
    this.#add('error', message, facts);
  }
  within<T>(facts: LogFacts, work: () => Promise<T>): Promise<T> {
    this.#scope = facts;
    return work();
  }
  #add(level: string, message: string, facts: LogFacts): void {
    this.lines.push({ level, message, facts: { ...this.#scope, ...facts } });
  }
}

export class RecordingMetrics implements Metrics {
  readonly counted: MetricName[] = [];
  count(name: MetricName): void {
    this.counted.push(name);
  }
}

export const answered = (ok: Record<string, unknown>): ControlOutcome => ({
  kind: 'answered',
  answer: { ok },
});
export const refused = (code: IwfErrorCode): ControlOutcome => ({
  kind: 'answered',
  answer: { error: viewOf(code) },
});

/** Media nodes as the functions see them: each takes on what it is asked, unless told otherwise. */
export class RecordingNodes implements NodeControl {
  readonly sent: { node: string; command: ControlCommand }[] = [];
  respond: (node: string, command: ControlCommand) => ControlOutcome | undefined = () => undefined;
  send(node: NodeItem, command: ControlCommand): Promise<ControlOutcome> {
    this.sent.push({ node: node.nodeId, command });
    const iceServers = [{ urls: `stun:${node.address}` }];
    const usual = answered(command.kind === 'register' ? { iceServers } : {});
    return Promise.resolve(this.respond(node.nodeId, command) ?? usual);
  }
  of<K extends ControlCommand['kind']>(kind: K): Extract<ControlCommand, { kind: K }>[] {
    return this.sent
      .map(({ command }) => command)
      .filter((command): command is Extract<ControlCommand, { kind: K }> => command.kind === kind);
  }
}

export interface Answered {
  readonly re: string;
  readonly ok?: Record<string, unknown>;
  readonly error?: ErrorView;
}

export type MemoryFunctions = ReturnType<typeof createMemoryFunctions>;
export type Functions = ReturnType<typeof createFunctionsOn<Stores>>;

export interface FunctionStores<S extends Stores> {
  readonly stores: S;
  readonly nodeWrites: NodeWrites;
  readonly clock: MemoryClock;
}

/** All Lambdas over stores in memory, driven by the events of API Gateway. */
export const createMemoryFunctions = () => {
  const clock = new MemoryClock();
  return createFunctionsOn({ ...createMemoryStores(clock), clock });
};

/** The same over any stores, be they in memory or in a table. */
export function createFunctionsOn<S extends Stores>({
  clock,
  nodeWrites,
  stores,
}: FunctionStores<S>) {
  const log = new RecordingLog();
  const hasher = new CountingHasher();
  const control = new RecordingNodes();
  const metrics = new RecordingMetrics();
  const verifier = new MemoryIdTokenVerifier();
  const common = { ...stores, clock, control, hasher, log, metrics, mint: randomKeyMint };
  const authenticators = {
    directory: createDirectoryAuthenticator(common),
    oidc: createOidcAuthenticator({ ...stores, verifier }),
  };
  const deps = { ...common, ...authenticators, sealer: readableSealer };
  const options = { limits: LIMITS, tokenTtlS: TOKEN_TTL_S };
  const handlers = {
    authorize: createAuthorizeHandler({ letIn: createLetIn(deps), log }),
    connection: createConnectionHandler({ life: createConnectionLife(deps), log }),
    login: createLoginHandler({ ...deps, logIn: createLogIn(deps, LIMITS) }),
    token: createTokenHandler({ ...deps, issueToken: createIssueToken(deps, options) }),
    registration: createRegistrationHandler({
      ...deps,
      register: createRegister(deps),
      resume: createResume(deps),
      logOut: createLogOut(deps),
    }),
    session: createSessionHandler({
      ...deps,
      forwardCall: createForwardCall(deps),
      forwardMessage: createForwardMessage(deps),
      forwardForwarding: createForwardForwarding(deps),
    }),
  };
  const gateway = createEvents(handlers);
  const provisioning = createProvisioning(deps);
  const seen = { clock, control, hasher, log, metrics, verifier };
  return { ...seen, handlers, nodeWrites, provisioning, stores, ...gateway };
}

interface Handlers {
  readonly connection: LambdaHandler;
  readonly login: LambdaHandler;
  readonly token: LambdaHandler;
  readonly registration: LambdaHandler;
  readonly session: LambdaHandler;
}

/** Routes of `$request.body.action`, as API Gateway chooses them. */
function createEvents(handlers: Handlers) {
  const registration = handlers.registration;
  const routes: Readonly<Record<string, LambdaHandler>> = {
    login: handlers.login,
    token: handlers.token,
    register: registration,
    resume: registration,
    logout: registration,
  };
  let connections = 0;

  const contextOf = (connectionId: string, routeKey: string, tenant?: string) => ({
    routeKey,
    connectionId,
    identity: { sourceIp: '192.0.2.7', userAgent: 'test' },
    ...(tenant === undefined ? {} : { authorizer: { principalId: tenant, tenant } }),
  });

  async function sendText(connectionId: string, body: string): Promise<Answered> {
    let action = '$default';
    try {
      action = String((JSON.parse(body) as { action?: unknown }).action);
    } catch {
      // Not JSON: `$default` it is.
    }
    const isRouted = Object.hasOwn(routes, action);
    const handler = (isRouted ? routes[action] : undefined) ?? handlers.session;
    const routeKey = isRouted ? action : '$default';
    const event = { requestContext: contextOf(connectionId, routeKey), body };
    const response = await handler({ ...event, isBase64Encoded: false });
    return { ...(JSON.parse(response.body ?? '{}') as Answered) };
  }

  return {
    async connect(tenant: string, sourceIp = '192.0.2.7'): Promise<string> {
      connections += 1;
      const connectionId = `conn-${String(connections)}=`;
      const requestContext = contextOf(connectionId, '$connect', tenant);
      await handlers.connection({
        requestContext: { ...requestContext, identity: { sourceIp } },
        headers: { Origin: ORIGIN },
        isBase64Encoded: false,
      });
      return connectionId;
    },
    async disconnect(connectionId: string): Promise<void> {
      const requestContext = contextOf(connectionId, '$disconnect');
      await handlers.connection({ requestContext, isBase64Encoded: false });
    },
    sendText,
    send: (connectionId: string, message: object) =>
      sendText(connectionId, JSON.stringify(message)),
  };
}

export const aTenant = (tenantId: string, more: Partial<TenantItem> = {}): TenantItem => ({
  tenantId,
  allowedOrigins: [ORIGIN],
  options: ['ip-pbx', 'same-credentials', 'token'],
  showImpu: true,
  graceS: 30,
  codecs: ['PCMA'],
  ims: {
    homeDomain: `${tenantId}.example`,
    transport: 'tcp',
    pcscf: [{ host: '192.0.2.1', port: 5060 }],
    initialAuthorization: true,
  },
  ...more,
});

export const aNode = (nodeId: string, more: Partial<NodeItem> = {}): NodeItem => ({
  nodeId,
  address: `${nodeId}.internal`,
  port: 8443,
  certificatePem: 'pem',
  controlKey: 'key',
  epoch: 1,
  leaseUntilMs: Number.MAX_SAFE_INTEGER,
  capacity: 10,
  used: 0,
  state: 'up',
  ...more,
});

/** Two tenants alike in everything but the name, one node, and a trunk with identities each. */
export async function aWorld(functions: Functions): Promise<void> {
  await functions.nodeWrites.announce(aNode('n1'));
  for (const tenant of ['acme', 'other']) {
    await functions.provisioning.putTenant(aTenant(tenant));
    await putTrunk(functions, { tenant, identities: ['sip:a', 'sip:b'] });
    const domain = `${tenant}.example`;
    for (const [userName, vault] of [
      ['anna', false],
      ['bert', false],
      [`sip:dora@${domain}`, false],
      ['fern', true],
    ] as const) {
      await functions.provisioning.putUser({
        tenantId: tenant,
        userName,
        password: `${tenant}-secret`,
        ...(vault ? { vault: { impu: `sip:fern@${domain}`, password: 'ims-secret' } } : {}),
      });
    }
  }
}

export async function putTrunk(
  { nodeWrites, provisioning }: Functions,
  {
    identities,
    owner = 'n1',
    state = 'up',
    tenant,
    trunkId = 'main',
  }: {
    tenant: string;
    identities: readonly string[];
    trunkId?: string;
    owner?: string;
    state?: 'up' | 'down';
  },
): Promise<void> {
  const impu = `sip:pbx-${trunkId}@${tenant}.example`;
  await provisioning.putTrunk({ tenantId: tenant, trunkId, impu, password: 'trunk-secret' });
  const implicitSet = identities.map((user) => `${user}@${tenant}.example`);
  await nodeWrites.reportTrunk({ tenantId: tenant, trunkId, state, owner, implicitSet });
}

export type { NodeWrites, Stores };

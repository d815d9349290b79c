import { createAesAnswerCipher } from './adapters/aes-answer-cipher.ts';
import { createDynamoClient, createKmsClient } from './adapters/aws-clients.ts';
import { createDirectoryAuthenticator } from './adapters/directory-authenticator.ts';
import { createDynamoAttemptCounter } from './adapters/dynamo-attempt-counter.ts';
import { createDynamoBindingStore } from './adapters/dynamo-binding-store.ts';
import { createDynamoCallLog } from './adapters/dynamo-call-log.ts';
import { createDynamoConnectionStore } from './adapters/dynamo-connection-store.ts';
import {
  createDynamoTenantStore,
  createDynamoTrunkStore,
  createDynamoUserStore,
} from './adapters/dynamo-directory.ts';
import { createDynamoIdentityStore } from './adapters/dynamo-identity-store.ts';
import { createDynamoNodeDirectory } from './adapters/dynamo-node-directory.ts';
import { createDynamoRegistrationDirectory } from './adapters/dynamo-registration-directory.ts';
import { createDynamoRequestJournal } from './adapters/dynamo-request-journal.ts';
import { createDynamoSessionStore } from './adapters/dynamo-session-store.ts';
import { DynamoTable } from './adapters/dynamo-table.ts';
import { createDynamoTokenStore } from './adapters/dynamo-token-store.ts';
import { createDynamoUsageReader } from './adapters/dynamo-usage-reader.ts';
import { createDynamoUserQuota } from './adapters/dynamo-user-quota.ts';
import { createHttpsNodeControl } from './adapters/https-node-control.ts';
import { createJsonWebKeys } from './adapters/json-web-keys.ts';
import { createJwksIdTokenVerifier } from './adapters/jwks-id-token-verifier.ts';
import { createKeyFileSealer } from './adapters/key-file-sealer.ts';
import { createKmsSealer } from './adapters/kms-sealer.ts';
import { createOidcAuthenticator } from './adapters/oidc-authenticator.ts';
import { createPowertoolsLog } from './adapters/powertools-log.ts';
import { createPowertoolsMetrics } from './adapters/powertools-metrics.ts';
import { randomAnswerKey, randomKeyMint } from './adapters/random-key-mint.ts';
import { createScopedLog } from './adapters/scoped-log.ts';
import { createScryptPasswordHasher, type ScryptCost } from './adapters/scrypt-password-hasher.ts';
import { systemClock } from './adapters/system-clock.ts';
import { ENV, type Env } from './env.ts';
import type { Log, LogScope } from './ports/log.ts';
import type { Metrics } from './ports/metrics.ts';
import type { Sealer } from './ports/sealer.ts';
import type { UsageReader } from './ports/usage-reader.ts';
import { createConnectionLife } from './use-cases/connection-life.ts';
import {
  createForwardCall,
  createForwardForwarding,
  createForwardMessage,
} from './use-cases/forward-call.ts';
import { createIssueToken } from './use-cases/issue-token.ts';
import { createLetIn } from './use-cases/let-in.ts';
import { createLogIn } from './use-cases/log-in.ts';
import { createLogOut } from './use-cases/log-out.ts';
import { createProvisioning, type Provisioning } from './use-cases/provision.ts';
import { createRegister } from './use-cases/register.ts';
import { createResume } from './use-cases/resume.ts';
import type { LoginLimits } from './use-cases/verify-user.ts';

/** Where logs and metrics go; Powertools' standard output unless the caller has a better place. */
export interface Telemetry {
  readonly log: Log & LogScope;
  readonly metrics: Metrics;
}

const NAMESPACE = 'Isthmus';
const SERVICE = 'functions';

export const powertools = (env: Env): Telemetry => ({
  log: createScopedLog(createPowertoolsLog({ service: SERVICE, level: env.logLevel })),
  metrics: createPowertoolsMetrics({ namespace: NAMESPACE, service: SERVICE }),
});

const clock = systemClock;

const tableOf = (env: Env): DynamoTable => {
  const { dynamodbEndpoint: endpoint, region, tableName } = env;
  return new DynamoTable({ client: createDynamoClient({ endpoint, region }), tableName, clock });
};

const limitsOf = (env: Env): LoginLimits => ({
  perUser: env.loginsPerUser,
  perAddress: env.loginsPerAddress,
  windowS: env.loginWindowS,
});

const sealerOf = (env: Env): Sealer => {
  const { region, sealKeyFile, sealKmsKeyId } = env;
  if (sealKeyFile !== undefined) return createKeyFileSealer({ path: sealKeyFile });
  if (sealKmsKeyId !== undefined) {
    return createKmsSealer({ client: createKmsClient({ region }), keyId: sealKmsKeyId });
  }
  throw new TypeError(`environment: set ${ENV.SEAL_KEY_FILE} or ${ENV.SEAL_KMS_KEY_ID}`);
};

/** What every Lambda that answers messages needs. */
const answering = (env: Env, table: DynamoTable, telemetry: Telemetry) => {
  const key = env.answerKey ? Buffer.from(env.answerKey, 'base64') : randomAnswerKey();
  const cipher = createAesAnswerCipher({ key });
  const journal = createDynamoRequestJournal({ table, cipher });
  return { ...telemetry, clock, journal, connections: createDynamoConnectionStore(table) };
};

/** An issuer that is slow or gone holds up a log-in for seconds, and no other message. */
const KEYS_OF_ISSUERS = { timeoutMs: 2_500, coolDownMs: 10_000, maxAgeMs: 600_000 };

const verifying = (table: DynamoTable) => {
  const tenants = createDynamoTenantStore(table);
  const users = createDynamoUserStore(table);
  const identities = createDynamoIdentityStore(table);
  const keysOf = createJsonWebKeys(clock, KEYS_OF_ISSUERS);
  const verifier = createJwksIdTokenVerifier({ keysOf, clock });
  return {
    tenants,
    attempts: createDynamoAttemptCounter(table),
    directory: createDirectoryAuthenticator({ users, hasher: createScryptPasswordHasher() }),
    oidc: createOidcAuthenticator({ tenants, users, identities, verifier }),
    clock,
  };
};

const onNodes = (env: Env, table: DynamoTable) => ({
  nodes: createDynamoNodeDirectory(table),
  sessions: createDynamoSessionStore(table),
  control: createHttpsNodeControl({ clock }, { deadlineMs: env.controlDeadlineMs }),
});

export const composeAuthorize = (env: Env, { log } = powertools(env)) => ({
  log,
  letIn: createLetIn({ tenants: createDynamoTenantStore(tableOf(env)) }),
});

export function composeConnection(env: Env, { log } = powertools(env)) {
  const table = tableOf(env);
  const connections = createDynamoConnectionStore(table);
  return { log, life: createConnectionLife({ ...onNodes(env, table), connections, clock, log }) };
}

export function composeLogin(env: Env, telemetry = powertools(env)) {
  const table = tableOf(env);
  const common = answering(env, table, telemetry);
  const { connections } = common;
  const deps = { ...verifying(table), connections, sealer: sealerOf(env) };
  return { ...common, logIn: createLogIn(deps, limitsOf(env)) };
}

export function composeToken(env: Env, telemetry = powertools(env)) {
  const table = tableOf(env);
  const deps = { ...verifying(table), tokens: createDynamoTokenStore(table), mint: randomKeyMint };
  const options = { limits: limitsOf(env), tokenTtlS: env.tokenTtlS };
  return { ...answering(env, table, telemetry), issueToken: createIssueToken(deps, options) };
}

export function composeRegistration(env: Env, telemetry = powertools(env)) {
  const table = tableOf(env);
  const common = answering(env, table, telemetry);
  const deps = {
    ...common,
    ...onNodes(env, table),
    tenants: createDynamoTenantStore(table),
    trunks: createDynamoTrunkStore(table),
    users: createDynamoUserStore(table),
    bindings: createDynamoBindingStore(table),
    tokens: createDynamoTokenStore(table),
    registrations: createDynamoRegistrationDirectory(table),
    userQuota: createDynamoUserQuota(table),
    mint: randomKeyMint,
  };
  const uses = { register: createRegister(deps), resume: createResume(deps) };
  return { ...common, ...uses, logOut: createLogOut(deps) };
}

export function composeSession(env: Env, telemetry = powertools(env)) {
  const table = tableOf(env);
  const common = answering(env, table, telemetry);
  const callLog = createDynamoCallLog({ table, tenants: createDynamoTenantStore(table) });
  const deps = { ...common, ...onNodes(env, table), callLog, mint: randomKeyMint };
  return {
    ...common,
    forwardCall: createForwardCall(deps),
    forwardMessage: createForwardMessage(deps),
    forwardForwarding: createForwardForwarding(deps),
  };
}

/** `passwordCost`: of the passwords that are written; what is read tells its own. */
export function composeProvisioning(env: Env, passwordCost?: ScryptCost): Provisioning {
  const table = tableOf(env);
  return createProvisioning({
    tenants: createDynamoTenantStore(table),
    trunks: createDynamoTrunkStore(table),
    users: createDynamoUserStore(table),
    identities: createDynamoIdentityStore(table),
    bindings: createDynamoBindingStore(table),
    sessions: createDynamoSessionStore(table),
    hasher: createScryptPasswordHasher(passwordCost),
    sealer: sealerOf(env),
    clock,
  });
}

export const composeUsage = (env: Env): UsageReader => createDynamoUsageReader(tableOf(env));

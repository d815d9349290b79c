import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeId, tenantId, trunkId } from '@isthmus/shared/domain/ids';
import { NODES_UP_GSI1PK, nodeGsi1sk, nodeKey, trunkKey } from '@isthmus/shared/store/keys';
import { createDynamoClient } from '../../functions/src/adapters/aws-clients.ts';
import { DynamoTable } from '../../functions/src/adapters/dynamo-table.ts';
import { createScopedLog } from '../../functions/src/adapters/scoped-log.ts';
import { systemClock } from '../../functions/src/adapters/system-clock.ts';
import { type AllHandlers, createAllHandlers } from '../../functions/src/all-handlers.ts';
import { composeProvisioning } from '../../functions/src/compose.ts';
import { readEnv } from '../../functions/src/env.ts';
import { createTable } from '../../local/src/dynamo/adapters/create-table.ts';
import { createLocalDynamo, type LocalDynamo } from '../../local/src/dynamo/local-dynamo.ts';
import { clientOf } from '../support/dynamo-engines.ts';
import { ControlServer } from '../support/memory-control-server.ts';
import { aTenant, RecordingLog } from '../support/memory-functions.ts';
import { aKey, type Claims, OidcIssuerServer } from '../support/oidc-issuer.ts';

const TABLE_NAME = 'isthmus';

/** The Lambdas as composed for production, with an issuer whose keys come over HTTP. */
describe('REG-4: users of an OpenID Connect issuer', () => {
  const issuer = new OidcIssuerServer();
  const node = new ControlServer();
  const log = new RecordingLog();
  let dynamo: LocalDynamo;
  let folder: string;
  let handlers: AllHandlers;
  let close: () => void;
  let connections = 0;

  const connect = async () => {
    connections += 1;
    const connectionId = `c${String(connections)}=`;
    const authorizer = { tenant: 'acme', principalId: 'acme' };
    const identity = { sourceIp: '192.0.2.7' };
    const requestContext = { routeKey: '$connect', connectionId, authorizer, identity };
    await handlers.connection({ requestContext });
    return connectionId;
  };
  const send = async (
    name: 'login' | 'token' | 'registration',
    connectionId: string,
    message: object,
  ) => {
    const requestContext = { routeKey: name, connectionId };
    const body = JSON.stringify({ id: randomUUID(), tenant: 'acme', ...message });
    const answer = await handlers[name]({ requestContext, body });
    return JSON.parse(answer.body ?? '{}') as {
      ok?: Record<string, unknown>;
      error?: { code: string };
    };
  };
  const idToken = (claims: Claims = {}) =>
    issuer.sign(Date.now(), { jti: randomUUID(), ...claims });
  const registered = () =>
    node.received.map(({ command }) => command).filter(({ kind }) => kind === 'register');

  beforeAll(async () => {
    await issuer.start();
    issuer.keys = [await aKey('RS256')];
    dynamo = createLocalDynamo();
    const { port } = await dynamo.listen(0);
    const endpoint = `http://127.0.0.1:${String(port)}`;
    folder = await mkdtemp(join(tmpdir(), 'isthmus-oidc-'));
    const keyFile = join(folder, 'seal.key');
    await writeFile(keyFile, randomBytes(32));
    const env = readEnv({
      TABLE_NAME,
      AWS_REGION: 'us-east-1',
      DYNAMODB_ENDPOINT: endpoint,
      SEAL_KEY_FILE: keyFile,
      CONTROL_DEADLINE_MS: '5000',
    });
    const maker = clientOf(endpoint);
    await createTable(maker, TABLE_NAME);
    maker.destroy();
    const client = createDynamoClient({ region: 'us-east-1', endpoint });
    close = () => {
      client.destroy();
    };
    const table = new DynamoTable({ client, tableName: TABLE_NAME, clock: systemClock });
    handlers = createAllHandlers(env, {
      log: createScopedLog(log),
      metrics: { count: () => undefined },
    });
    const item = await node.start();
    const id = nodeId(item.nodeId);
    await table.put(nodeKey(id), { ...item, gsi1pk: NODES_UP_GSI1PK, gsi1sk: nodeGsi1sk(0, id) });
    node.reply = () => ({ body: JSON.stringify({ ok: { iceServers: [] } }) });

    const provisioning = composeProvisioning(env);
    const oidc = [issuer.settings({ userNameClaim: 'preferred_username' })];
    await provisioning.putTenant(aTenant('acme', { oidc }));
    const of = { tenantId: 'acme', issuer: issuer.name };
    const vault = { impu: 'sip:fern@acme.example', password: 'ims-secret' };
    await provisioning.putUser({ tenantId: 'acme', userName: 'fern', vault });
    await provisioning.bindIdentity({ ...of, subject: 's-fern', userName: 'fern' });
    await provisioning.putUser({ tenantId: 'acme', userName: 'anna' });
    const trunk = { tenantId: 'acme', trunkId: 'main', impu: 'sip:pbx@acme.example' };
    await provisioning.putTrunk({ ...trunk, password: 'trunk-secret' });
    await table.update(trunkKey(tenantId('acme'), trunkId('main')), {
      update: 'SET #implicitSet = :set, #owner = :owner, #state = :up',
      values: { ':set': ['sip:a@acme.example'], ':owner': item.nodeId, ':up': 'up' },
    });
  });
  afterAll(async () => {
    close();
    await Promise.all([node.stop(), issuer.stop(), dynamo.close()]);
    await rm(folder, { recursive: true });
  });

  it('are registered with the credentials of the vault (option 3)', async () => {
    const connection = await connect();
    const proof = await idToken({ sub: 's-fern' });
    const issued = await send('token', connection, { action: 'token', idToken: proof });
    const token = issued.ok?.['token'];
    const answer = await send('registration', connection, { action: 'register', token });

    expect(answer.ok).toHaveProperty('sessionId');
    expect(registered().at(-1)).toMatchObject({
      userName: 'fern',
      option: 'token',
      subscriber: { kind: 'own', impu: 'sip:fern@acme.example' },
    });
    const replayed = await send('token', await connect(), { action: 'token', idToken: proof });
    expect(replayed.error?.code).toBe('login.refused');
    expect(JSON.stringify(log.lines)).not.toContain(proof.split('.')[2]);
    expect(log.lines).toContainEqual(
      expect.objectContaining({
        message: 'request refused',
        facts: expect.objectContaining({ details: { reason: 'replayed' } }) as unknown,
      }),
    );
  });

  it('get an identity of the trunk, bound by the claim the tenant trusts (option 1)', async () => {
    const connection = await connect();
    const claims = { sub: 's-anna', preferred_username: 'anna' };
    const login = { action: 'login', option: 'ip-pbx', idToken: await idToken(claims) };
    expect(await send('login', connection, login)).toMatchObject({ ok: {} });
    const answer = await send('registration', connection, { action: 'register' });

    expect(answer.ok).toHaveProperty('sessionId');
    expect(registered().at(-1)).toMatchObject({
      userName: 'anna',
      option: 'ip-pbx',
      subscriber: { kind: 'bound', impu: 'sip:a@acme.example', trunkId: 'main' },
    });
    const thief = await idToken({ sub: 's-thief', preferred_username: 'anna' });
    const stolen = await send('login', await connect(), { ...login, idToken: thief });
    expect(stolen.error?.code).toBe('login.refused');
  });

  it('have no identical credentials (option 2)', async () => {
    const login = { action: 'login', option: 'same-credentials', idToken: await idToken() };

    const answer = await send('login', await connect(), login);
    expect(answer.error?.code).toBe('option.disabled');
  });
});

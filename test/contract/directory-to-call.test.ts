import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { nodeId } from '@isthmus/shared/domain/ids';
import { NODES_UP_GSI1PK, nodeGsi1sk, nodeKey } from '@isthmus/shared/store/keys';
import { createScopedLog } from '../../functions/src/adapters/scoped-log.ts';
import { type AllHandlers, createAllHandlers } from '../../functions/src/all-handlers.ts';
import { composeProvisioning } from '../../functions/src/compose.ts';
import { readEnv } from '../../functions/src/env.ts';
import { createTable } from '../../local/src/dynamo/adapters/create-table.ts';
import { CHEAP_PASSWORDS } from '../support/cheap-passwords.ts';
import { DYNAMO_ENGINES, type DynamoEngine } from '../support/dynamo-engines.ts';
import { ControlServer } from '../support/memory-control-server.ts';
import { aTenant, ORIGIN, RecordingLog } from '../support/memory-functions.ts';

const TABLE_NAME = 'isthmus';

/** The Lambdas as they are composed for production, on a real store and a real control channel. */
describe.each(DYNAMO_ENGINES)('OPS-2: the functions as composed, on %s', (_name, start) => {
  let engine: DynamoEngine;
  let folder: string;
  let node: ControlServer;
  let db: DynamoDBDocumentClient;
  let handlers: AllHandlers;
  const log = new RecordingLog();

  const contextOf = (connectionId: string, routeKey: string) => ({
    routeKey,
    connectionId,
    identity: { sourceIp: '192.0.2.7' },
    authorizer: { tenant: 'acme', principalId: 'acme', integrationLatency: 3 },
  });
  const connect = async (connectionId: string) => {
    const methodArn = 'arn:aws:execute-api:r:a:api/prod/$connect';
    const queryStringParameters = { tenant: 'acme' };
    const headers = { Origin: ORIGIN };
    const verdict = await handlers.authorize({ methodArn, headers, queryStringParameters });
    expect(verdict.policyDocument.Statement[0].Effect).toBe('Allow');
    const requestContext = contextOf(connectionId, '$connect');
    expect(await handlers.connection({ requestContext })).toEqual({ statusCode: 200 });
  };
  const send = async (
    name: 'login' | 'token' | 'registration' | 'session',
    connectionId: string,
    message: object,
  ) => {
    const requestContext = contextOf(connectionId, name);
    const { body } = await handlers[name]({ requestContext, body: JSON.stringify(message) });
    return JSON.parse(body ?? '{}') as { ok?: Record<string, unknown>; error?: { code: string } };
  };

  beforeAll(async () => {
    engine = await start();
    folder = await mkdtemp(join(tmpdir(), 'isthmus-functions-'));
    const keyFile = join(folder, 'seal.key');
    await writeFile(keyFile, randomBytes(32));
    const env = readEnv({
      TABLE_NAME,
      AWS_REGION: 'us-east-1',
      DYNAMODB_ENDPOINT: engine.endpoint,
      SEAL_KEY_FILE: keyFile,
      CONTROL_DEADLINE_MS: '5000',
    });
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    const client = new DynamoDBClient({
      endpoint: engine.endpoint,
      region: 'us-east-1',
      credentials,
    });
    await createTable(client, TABLE_NAME);
    db = DynamoDBDocumentClient.from(client);
    const metrics = { count: () => undefined };
    handlers = createAllHandlers(env, { log: createScopedLog(log), metrics });
    node = new ControlServer();
    const item = await node.start();
    const id = nodeId(item.nodeId);
    const index = { gsi1pk: NODES_UP_GSI1PK, gsi1sk: nodeGsi1sk(0, id) };
    const Item = { ...item, ...nodeKey(id), ...index };
    await db.send(new PutCommand({ TableName: TABLE_NAME, Item }));
    const provisioning = composeProvisioning(env, CHEAP_PASSWORDS);
    await provisioning.putTenant(aTenant('acme'));
    await provisioning.putUser({
      tenantId: 'acme',
      userName: 'fern',
      password: 'web-secret',
      vault: { impu: 'sip:fern@acme.example', password: 'ims-secret' },
    });
  });
  afterAll(async () => {
    db.destroy();
    await node.stop();
    await engine.close();
    await rm(folder, { recursive: true });
  });

  it('take a user from token to call, and leave no secret behind in store or log', async () => {
    node.reply = ({ kind }) => {
      const iceServers = [{ urls: 'stun:192.0.2.20:3478' }];
      const answers: Partial<Record<string, object>> = {
        register: { iceServers },
        call: { sdp: 'v=0 answer' },
      };
      const ok = answers[kind] ?? {};
      return { body: JSON.stringify({ ok }) };
    };
    await connect('c1=');
    const user = { tenant: 'acme', userName: 'fern', password: 'web-secret' };
    const issued = await send('token', 'c1=', { id: 't1', action: 'token', ...user });
    const repeated = await send('token', 'c1=', { id: 't1', action: 'token', ...user });
    expect(repeated).toEqual(issued);

    const token = String(issued.ok?.['token']);
    const register = { id: 'g1', action: 'register', tenant: 'acme', token };
    const registered = await send('registration', 'c1=', register);
    expect(await send('registration', 'c1=', register)).toEqual(registered);
    const again = await send('registration', 'c1=', { ...register, id: 'g2' });
    expect(again.error?.code).toBe('token.refused');

    const onCall = { id: 'c1', action: 'call.start', callId: 'call-0001', seq: 0 };
    const call = await send('session', 'c1=', { ...onCall, target: 'echo', sdp: 'v=0' });
    expect(call.ok).toEqual({ sdp: 'v=0 answer' });

    await connect('c2=');
    const { resumeKey, sessionId } = registered.ok ?? {};
    const resume = { id: 'u1', action: 'resume', sessionId, resumeKey, lastSeq: 0 };
    expect(await send('registration', 'c2=', resume)).toMatchObject({ ok: { events: [] } });
    await handlers.connection({ requestContext: contextOf('c1=', '$disconnect') });
    expect(await send('registration', 'c2=', { id: 'o1', action: 'logout' })).toMatchObject({
      ok: {},
    });

    expect(node.received.map(({ command: { kind } }) => kind)).toEqual([
      'register',
      'call',
      'attach',
      'unregister',
    ]);
    expect(node.received.every(({ isSigned }) => isSigned)).toBe(true);
    const { Items } = await db.send(new ScanCommand({ TableName: TABLE_NAME }));
    const kept = JSON.stringify(Items) + JSON.stringify(log.lines);
    for (const secret of [token, String(resumeKey), 'web-secret', 'ims-secret']) {
      expect(kept).not.toContain(secret);
    }
    for (const { facts } of log.lines) expect(facts).toMatchObject({ tenant: 'acme' });
  });
});

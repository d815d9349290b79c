import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { tenantId } from '@isthmus/shared/domain/ids';
import { createDynamoClient } from '../../functions/src/adapters/aws-clients.ts';
import {
  createDynamoTenantStore,
  createDynamoTrunkStore,
  createDynamoUserStore,
} from '../../functions/src/adapters/dynamo-directory.ts';
import { createDynamoIdentityStore } from '../../functions/src/adapters/dynamo-identity-store.ts';
import { DynamoTable } from '../../functions/src/adapters/dynamo-table.ts';
import { createTable } from '../../local/src/dynamo/adapters/create-table.ts';
import { createLocalDynamo, type LocalDynamo } from '../../local/src/dynamo/local-dynamo.ts';
import { clientOf } from '../support/dynamo-engines.ts';
import { MemoryClock } from '../support/memory-clock.ts';
import { aTenant } from '../support/memory-functions.ts';

const TABLE_NAME = 'isthmus';
const PROGRAM = fileURLToPath(new URL('../../functions/src/bin/provision.ts', import.meta.url));

describe('OPS-1: the provisioning program', () => {
  let dynamo: LocalDynamo;
  let folder: string;
  let environment: Record<string, string>;
  let table: DynamoTable;
  let close: () => void;

  beforeAll(async () => {
    dynamo = createLocalDynamo();
    const { port } = await dynamo.listen(0);
    const endpoint = `http://127.0.0.1:${String(port)}`;
    folder = await mkdtemp(join(tmpdir(), 'isthmus-provision-'));
    const keyFile = join(folder, 'seal.key');
    await writeFile(keyFile, randomBytes(32));
    environment = {
      TABLE_NAME,
      AWS_REGION: 'us-east-1',
      DYNAMODB_ENDPOINT: endpoint,
      SEAL_KEY_FILE: keyFile,
    };
    const client = createDynamoClient({ region: 'us-east-1', endpoint });
    const maker = clientOf(endpoint);
    await createTable(maker, TABLE_NAME);
    maker.destroy();
    table = new DynamoTable({ client, tableName: TABLE_NAME, clock: new MemoryClock() });
    close = () => {
      client.destroy();
    };
  });
  afterAll(async () => {
    close();
    await dynamo.close();
    await rm(folder, { recursive: true });
  });

  async function provision(input: string) {
    const { PATH } = process.env;
    const child = spawn(process.execPath, [PROGRAM], { env: { PATH, ...environment } });
    child.stdin.end(input);
    const [stdout, stderr, code] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      new Promise((resolve) => child.once('exit', resolve)),
    ]);
    return { stdout, stderr, code };
  }

  it('writes tenants, trunks, users and identities from its standard input', async () => {
    const oidc = { issuer: 'https://id.example', audience: 'phone' };
    const identity = { tenantId: 'acme', issuer: oidc.issuer, subject: 's1' };
    const pbx = { impu: 'sip:pbx@acme.example', password: 'trunk-secret' };
    const vault = { impu: 'sip:fern@acme.example', password: 'ims-secret' };
    const user = { tenantId: 'acme', userName: 'fern', password: 'web-secret', vault };
    const set = {
      tenants: [{ ...aTenant('acme'), oidc: [{ ...oidc, jwksUri: 'https://id.example/keys' }] }],
      identities: [{ ...identity, userName: 'fern' }],
      trunks: [{ tenantId: 'acme', trunkId: 'main', ...pbx }],
      users: [user],
      revokeTokens: [{ tenantId: 'acme', userName: 'fern' }],
    };

    const { code, stderr, stdout } = await provision(JSON.stringify(set));

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe('tenants 1, trunks 1, users 1, identities 1\n');
    const acme = tenantId('acme');
    expect(await createDynamoTenantStore(table).get(acme)).toEqual({
      ...aTenant('acme'),
      oidc: [
        {
          ...oidc,
          jwksUri: 'https://id.example/keys',
          algorithms: ['RS256', 'ES256'],
          clockToleranceS: 30,
        },
      ],
    });
    expect(await createDynamoIdentityStore(table).userNameOf(acme, identity)).toBe('fern');
    expect(await createDynamoTrunkStore(table).ofTenant(acme)).toMatchObject([
      { trunkId: 'main', impi: 'pbx@acme.example', state: 'down' },
    ]);
    const stored = await createDynamoUserStore(table).get(acme, 'fern');
    expect(stored?.vault).toMatchObject({ impi: 'fern@acme.example' });
    expect(JSON.stringify(stored)).not.toContain('secret');
  });

  it('does not give an identity to somebody else, and can unbind it first', async () => {
    const of = { tenantId: 'acme', issuer: 'https://id.example', subject: 's2' };
    const [bert, gina] = [
      { ...of, userName: 'bert' },
      { ...of, userName: 'gina' },
    ];
    await provision(JSON.stringify({ identities: [bert] }));

    const refused = await provision(JSON.stringify({ identities: [gina] }));
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain('unbind it first');

    const moved = { unbindIdentities: [bert], identities: [gina] };
    expect((await provision(JSON.stringify(moved))).code).toBe(0);
    expect(await createDynamoIdentityStore(table).userNameOf(tenantId('acme'), of)).toBe('gina');
  });

  it.each([
    ['no TLS', { jwksUri: 'http://id.example/keys' }],
    ['another host that begins alike', { jwksUri: 'http://localhost.example/keys' }],
    ['a signature by shared secret', { algorithms: ['HS256'] }],
    ['no signature', { algorithms: ['none'] }],
    ['an issuer with a fragment', { issuer: 'https://id.example#1' }],
  ])('refuses an issuer with %s', async (_what, wrong) => {
    const issuer = {
      issuer: 'https://id.example',
      audience: 'phone',
      jwksUri: 'https://id.example/keys',
    };
    const tenants = [{ ...aTenant('acme'), oidc: [{ ...issuer, ...wrong }] }];

    expect((await provision(JSON.stringify({ tenants }))).code).not.toBe(0);
  });

  it.each(['', '{', '{"tenant":[]}', '{"users":[{"tenantId":"acme"}]}'])(
    'refuses %j and writes nothing',
    async (input) => {
      const { code, stdout } = await provision(input);

      expect(code).not.toBe(0);
      expect(stdout).toBe('');
    },
  );
});

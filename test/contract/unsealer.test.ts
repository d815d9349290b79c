import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KMSClient } from '@aws-sdk/client-kms';
import type { SealContext } from '@isthmus/shared/domain/seal-context';
import { Secret } from '@isthmus/shared/domain/secret';
import { createKeyFileSealer } from '../../functions/src/adapters/key-file-sealer.ts';
import { createKmsSealer } from '../../functions/src/adapters/kms-sealer.ts';
import { createUnsealer } from '../../media-node/src/adapters/seal/create-unsealer.ts';
import { createKeyFileUnsealer } from '../../media-node/src/adapters/seal/key-file-unsealer.ts';
import { createKmsUnsealer } from '../../media-node/src/adapters/seal/kms-unsealer.ts';
import type { Unsealer } from '../../media-node/src/ports/unsealer.ts';
import { startKmsEndpoint } from '../support/kms-endpoint.ts';
import { MemoryUnsealer } from '../support/node-memory-unsealer.ts';

interface Pair {
  readonly sealer: { seal(secret: Secret, context: SealContext): Promise<string> };
  readonly unsealer: Unsealer;
}

const context: SealContext = { tenant: 'acme', purpose: 'ims', subject: 'dora@acme.example' };

const KEY_ID = 'alias/ims';
let folder: string;
let kms: Awaited<ReturnType<typeof startKmsEndpoint>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isthmus-unseal-'));
  kms = await startKmsEndpoint(KEY_ID);
});
afterAll(async () => {
  await kms.stop();
  await rm(folder, { recursive: true });
});

const kmsPair = (client: KMSClient, keyId: string): Pair => ({
  sealer: createKmsSealer({ client, keyId }),
  unsealer: createKmsUnsealer({ client, keyId }),
});

async function keyFile(content: Buffer | string = randomBytes(32)): Promise<string> {
  const path = join(folder, randomBytes(8).toString('hex'));
  await writeFile(path, content);
  return path;
}

const PAIRS: readonly (readonly [string, () => Promise<Pair>])[] = [
  [
    'a key file',
    async () => {
      const path = await keyFile();
      return {
        sealer: createKeyFileSealer({ path }),
        unsealer: createKeyFileUnsealer({ path }),
      };
    },
  ],
  [
    'a key file in base64',
    async () => {
      const path = await keyFile(`${randomBytes(32).toString('base64')}\n`);
      return {
        sealer: createKeyFileSealer({ path }),
        unsealer: createKeyFileUnsealer({ path }),
      };
    },
  ],
  ['KMS', () => Promise.resolve(kmsPair(kms.client, KEY_ID))],
  [
    'memory',
    () => {
      const unsealer = new MemoryUnsealer();
      return Promise.resolve({ sealer: unsealer, unsealer });
    },
  ],
];

/** Who has an account names its key and runs these on AWS itself; the SDK reads the rest. */
const OWN_KEY = process.env['KMS_KEY_ID'];
const OWN_KMS: typeof PAIRS =
  OWN_KEY === undefined
    ? []
    : [['the KMS of the environment', () => Promise.resolve(kmsPair(new KMSClient(), OWN_KEY))]];

describe.each([...PAIRS, ...OWN_KMS])('REG-4, SEC-2: a secret sealed with %s', (_name, make) => {
  let pair: Pair;
  let sealed: string;

  beforeEach(async () => {
    pair = await make();
    sealed = await pair.sealer.seal(new Secret('pässword'), context);
  });

  it('opens on the node in the context it was sealed for', async () => {
    const opened = await pair.unsealer.unseal(sealed, context);

    expect(opened.reveal()).toBe('pässword');
    expect(JSON.stringify({ opened })).not.toContain('pässword');
  });

  it.each([
    ['another tenant', { ...context, tenant: 'other' }],
    ['another subject', { ...context, subject: 'emil@acme.example' }],
  ])('does not open for %s', async (_who, other) => {
    await expect(pair.unsealer.unseal(sealed, other)).rejects.toMatchObject({
      code: 'store.failed',
    });
  });

  it.each([
    ['changed', () => `${sealed.slice(0, -2)}${sealed.endsWith('AA') ? 'BB' : 'AA'}`],
    ['cut off', () => sealed.slice(0, 12)],
    ['empty', () => ''],
    ['of an unknown form', () => `xx9.${sealed}`],
  ])('does not open when it is %s', async (_how, text) => {
    await expect(pair.unsealer.unseal(text(), context)).rejects.toMatchObject({
      code: 'store.failed',
    });
  });
});

describe('SEC-2: a node that is to open secrets', () => {
  const region = 'us-east-1';

  it('takes the key file it is given', async () => {
    const path = await keyFile();
    const sealed = await createKeyFileSealer({ path }).seal(new Secret('x'), context);
    const unsealer = createUnsealer({ region, sealKeyFile: path, sealKmsKeyId: undefined });

    expect((await unsealer.unseal(sealed, context)).reveal()).toBe('x');
  });

  it('does not start without any key', () => {
    expect(() =>
      createUnsealer({ region, sealKeyFile: undefined, sealKmsKeyId: undefined }),
    ).toThrow(TypeError);
  });

  it.each([
    ['is absent', () => Promise.resolve(join(folder, 'absent'))],
    ['is too short', () => keyFile('short')],
  ])('fails when the key file %s', async (_what, path) => {
    const sealed = await createKeyFileSealer({ path: await keyFile() }).seal(
      new Secret('x'),
      context,
    );
    const unsealer = createKeyFileUnsealer({ path: await path() });

    await expect(unsealer.unseal(sealed, context)).rejects.toMatchObject({ code: 'store.failed' });
  });
});

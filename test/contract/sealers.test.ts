import { createDecipheriv, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EncryptCommand } from '@aws-sdk/client-kms';
import { type SealContext, sealAad } from '@isthmus/shared/domain/seal-context';
import { Secret } from '@isthmus/shared/domain/secret';
import { createKeyFileSealer } from '../../functions/src/adapters/key-file-sealer.ts';
import { createKmsSealer } from '../../functions/src/adapters/kms-sealer.ts';
import { createKeyFileUnsealer } from '../../media-node/src/adapters/seal/key-file-unsealer.ts';

const context: SealContext = { tenant: 'acme', purpose: 'ims', subject: 'dora@acme.example' };

describe('SEC-2: a secret sealed with a key file', () => {
  let folder: string;
  const key = randomBytes(32);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'isthmus-seal-'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  const sealedWith = async (content: string | Buffer, name = 'seal.key') => {
    const path = join(folder, name);
    await writeFile(path, content);
    return createKeyFileSealer({ path }).seal(new Secret('pässword'), context);
  };
  const opened = (sealed: string, aad: string) => {
    const bytes = Buffer.from(sealed.replace('kf1.', ''), 'base64url');
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12));
    decipher.setAAD(Buffer.from(aad)).setAuthTag(bytes.subarray(12, 28));
    return decipher.update(bytes.subarray(28), undefined, 'utf8') + decipher.final('utf8');
  };

  it.each([
    ['as bytes', key],
    ['as base64', key.toString('base64')],
    ['as base64 with a line end', `${key.toString('base64')}\n`],
  ])('whose key is kept %s opens in its own context alone', async (_how, content) => {
    const sealed = await sealedWith(content);

    expect(sealed).toMatch(/^kf1\.[\w-]+$/);
    expect(opened(sealed, sealAad(context))).toBe('pässword');
    expect(() => opened(sealed, sealAad({ ...context, tenant: 'other' }))).toThrow();
    expect(() => opened(sealed, sealAad({ ...context, subject: 'emil' }))).toThrow();
  });

  it('is opened by the media node, in its own context alone', async () => {
    const sealed = await sealedWith(key);
    const unsealer = createKeyFileUnsealer({ path: join(folder, 'seal.key') });

    expect((await unsealer.unseal(sealed, context)).reveal()).toBe('pässword');
    await expect(unsealer.unseal(sealed, { ...context, tenant: 'other' })).rejects.toMatchObject({
      code: 'store.failed',
    });
  });

  it('looks another way each time', async () => {
    expect(await sealedWith(key)).not.toBe(await sealedWith(key));
  });

  it.each(['short', ''])('is not made with the key %j', async (content) => {
    await expect(sealedWith(content)).rejects.toMatchObject({ code: 'store.failed' });
  });

  it('is not made without the file', async () => {
    const sealer = createKeyFileSealer({ path: join(folder, 'nowhere') });

    await expect(sealer.seal(new Secret('x'), context)).rejects.toMatchObject({
      code: 'store.failed',
    });
  });
});

describe('SEC-2: a secret sealed with KMS', () => {
  const kms = (answer: () => Promise<unknown>) => {
    const asked: EncryptCommand['input'][] = [];
    const client = {
      send(command: EncryptCommand) {
        asked.push(command.input);
        return answer();
      },
    } as never;
    return { asked, sealer: createKmsSealer({ client, keyId: 'alias/ims' }) };
  };

  it('is bound to its context by the encryption context', async () => {
    const { asked, sealer } = kms(() => Promise.resolve({ CiphertextBlob: Buffer.from('blob') }));

    const sealed = await sealer.seal(new Secret('pässword'), context);

    expect(sealed).toBe(`kms1.${Buffer.from('blob').toString('base64url')}`);
    expect(asked).toEqual([
      {
        KeyId: 'alias/ims',
        Plaintext: Buffer.from('pässword', 'utf8'),
        EncryptionContext: { ...context },
      },
    ]);
  });

  it.each([
    ['fails', () => Promise.reject(new Error('denied'))],
    ['gives nothing', () => Promise.resolve({})],
  ])('is not made when KMS %s', async (_what, answer) => {
    await expect(kms(answer).sealer.seal(new Secret('x'), context)).rejects.toMatchObject({
      code: 'store.failed',
    });
  });
});

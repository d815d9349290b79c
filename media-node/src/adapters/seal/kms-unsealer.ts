import { DecryptCommand, type KMSClient } from '@aws-sdk/client-kms';
import { Secret } from '@isthmus/shared/domain/secret';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import type { Unsealer } from '../../ports/unsealer.ts';

const PREFIX = 'kms1.';

export interface KmsUnsealerOptions {
  readonly client: Pick<KMSClient, 'send'>;
  readonly keyId: string;
}

const failed = (reason: string, options?: ErrorOptions): IwfError =>
  new IwfError('store.failed', { operation: `unseal: ${reason}` }, options);

/** Opens `kms1.` and base64url of a KMS blob; the context is the encryption context. */
export const createKmsUnsealer = ({ client, keyId }: KmsUnsealerOptions): Unsealer => ({
  async unseal(sealed, { purpose, subject, tenant }) {
    if (!sealed.startsWith(PREFIX)) throw failed('sealed in another way');
    const command = new DecryptCommand({
      KeyId: keyId,
      CiphertextBlob: Buffer.from(sealed.slice(PREFIX.length), 'base64url'),
      EncryptionContext: { tenant, purpose, subject },
    });
    const { Plaintext } = await client.send(command).catch((cause: unknown) => {
      throw failed('KMS refused', { cause });
    });
    if (!Plaintext) throw failed('KMS gave nothing');
    return new Secret(Buffer.from(Plaintext).toString('utf8'));
  },
});

import { EncryptCommand, type KMSClient } from '@aws-sdk/client-kms';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import type { Sealer } from '../ports/sealer.ts';

const PREFIX = 'kms1.';

export interface KmsSealerOptions {
  readonly client: Pick<KMSClient, 'send'>;
  readonly keyId: string;
}

/** Seals with KMS: `kms1.` and base64url of its blob; the context is the encryption context. */
export function createKmsSealer({ client, keyId }: KmsSealerOptions): Sealer {
  return {
    async seal(secret, { purpose, subject, tenant }) {
      const command = new EncryptCommand({
        KeyId: keyId,
        Plaintext: Buffer.from(secret.reveal(), 'utf8'),
        EncryptionContext: { tenant, purpose, subject },
      });
      try {
        const { CiphertextBlob } = await client.send(command);
        if (CiphertextBlob) return `${PREFIX}${Buffer.from(CiphertextBlob).toString('base64url')}`;
      } catch (cause) {
        throw new IwfError('store.failed', { operation: 'seal with KMS' }, { cause });
      }
      throw new IwfError('store.failed', { operation: 'seal with KMS: nothing came back' });
    },
  };
}

import { KMSClient } from '@aws-sdk/client-kms';
import type { Unsealer } from '../../ports/unsealer.ts';
import { createKeyFileUnsealer } from './key-file-unsealer.ts';
import { createKmsUnsealer } from './kms-unsealer.ts';

export interface UnsealerOptions {
  readonly region: string;
  readonly sealKeyFile: string | undefined;
  readonly sealKmsKeyId: string | undefined;
}

/** KMS in the cloud, a key file on one machine: whichever the environment names. */
export function createUnsealer({ region, sealKeyFile, sealKmsKeyId }: UnsealerOptions): Unsealer {
  if (sealKeyFile !== undefined) return createKeyFileUnsealer({ path: sealKeyFile });
  if (sealKmsKeyId === undefined) throw new TypeError('neither a key file nor a KMS key is named');
  return createKmsUnsealer({ client: new KMSClient({ region }), keyId: sealKmsKeyId });
}

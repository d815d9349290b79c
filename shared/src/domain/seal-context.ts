/** What a sealed secret is bound to; unsealing under another context fails (KMS encryption context). */
export interface SealContext {
  readonly tenant: string;
  readonly purpose: 'ims';
  /** The IMPI the secret belongs to. */
  readonly subject: string;
}

/** The bytes authenticated beside the ciphertext of a locally sealed secret. */
export const sealAad = (context: SealContext): string =>
  JSON.stringify([context.tenant, context.purpose, context.subject]);

/** What a sealed secret is bound to; unsealing under another context fails (KMS encryption context). */
export interface SealContext {
  readonly tenant: string;
  /** `tls`: the key of a tenant's client certificate toward its P-CSCF. */
  readonly purpose: 'ims' | 'tls';
  /** The IMPI the secret belongs to; the home domain of a `tls` key. */
  readonly subject: string;
}

/** The bytes authenticated beside the ciphertext of a locally sealed secret. */
export const sealAad = (context: SealContext): string =>
  JSON.stringify([context.tenant, context.purpose, context.subject]);

/** What a sealed secret is bound to; unsealing under another context fails (KMS encryption context). */
export interface SealContext {
  readonly tenant: string;
  /** `tls`: the key of a tenant's client certificate toward its P-CSCF; `turn`: shared with its TURN server. */
  readonly purpose: 'ims' | 'tls' | 'turn';
  /** The IMPI the secret belongs to; the home domain of a `tls` key; the tenant of a `turn` secret. */
  readonly subject: string;
}

/** The bytes authenticated beside the ciphertext of a locally sealed secret. */
export const sealAad = (context: SealContext): string =>
  JSON.stringify([context.tenant, context.purpose, context.subject]);

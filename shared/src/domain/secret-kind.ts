/** What a subscriber proves itself to IMS with: a password (SIP Digest), or K and OPc (IMS-AKA). */
export const SECRET_KINDS = ['password', 'aka'] as const;

export type SecretKind = (typeof SECRET_KINDS)[number];

/** The primitives SRTP is made of; an adapter supplies them. */
export interface SrtpCrypto {
  /** AES in counter mode and in GCM; the length of the key says which AES. */
  aesCtr(key: Uint8Array, iv: Uint8Array, input: Uint8Array): Uint8Array;
  hmacSha1(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array;
  /** Cipher text followed by the 16-byte tag. */
  aesGcmSeal(text: GcmText): Uint8Array;
  /** `undefined` when the tag is wrong. */
  aesGcmOpen(text: GcmText): Uint8Array | undefined;
  /** In constant time. */
  equal(a: Uint8Array, b: Uint8Array): boolean;
}

export interface GcmText {
  readonly key: Uint8Array;
  readonly iv: Uint8Array;
  readonly associated: Uint8Array;
  readonly input: Uint8Array;
}

/** Protection profiles by their DTLS numbers (RFC 5764 §4.1.2, RFC 7714 §14.2). */
export const SRTP_AES128_CM_HMAC_SHA1_80 = 0x0001;
export const SRTP_AES128_CM_HMAC_SHA1_32 = 0x0002;
export const SRTP_AEAD_AES_128_GCM = 0x0007;
export const SRTP_AEAD_AES_256_GCM = 0x0008;

export const isGcm = (profile: number): boolean =>
  profile === SRTP_AEAD_AES_128_GCM || profile === SRTP_AEAD_AES_256_GCM;

export interface SrtpKeys {
  readonly profile: number;
  readonly masterKey: Uint8Array;
  readonly masterSalt: Uint8Array;
}

export interface SessionKeys {
  readonly cipherKey: Uint8Array;
  readonly authKey: Uint8Array;
  readonly salt: Uint8Array;
}

export const SRTP_LABEL = 0;
export const SRTCP_LABEL = 3;

/** Key derivation with a rate of zero, AES in counter mode as PRF (RFC 3711 §4.3, RFC 7714 §11). */
export function deriveSessionKeys(
  crypto: SrtpCrypto,
  keys: SrtpKeys,
  firstLabel: number,
): SessionKeys {
  const derive = (label: number, sizeBytes: number): Uint8Array => {
    const iv = new Uint8Array(16);
    // A 96-bit salt stands left-aligned in the 112 bits (RFC 7714 §11).
    iv.set(keys.masterSalt);
    iv[7] = (iv[7] ?? 0) ^ label;
    return crypto.aesCtr(keys.masterKey, iv, new Uint8Array(sizeBytes));
  };
  return {
    cipherKey: derive(firstLabel, keys.masterKey.length),
    authKey: derive(firstLabel + 1, 20),
    salt: derive(firstLabel + 2, isGcm(keys.profile) ? 12 : 14),
  };
}

import type { SrtpSuite } from '../../ports/media-plane.ts';
import {
  SRTP_AEAD_AES_128_GCM,
  SRTP_AEAD_AES_256_GCM,
  SRTP_AES128_CM_HMAC_SHA1_32,
  SRTP_AES128_CM_HMAC_SHA1_80,
  type SrtpKeys,
} from './srtp-crypto.ts';

interface Sizes {
  readonly profile: number;
  readonly keyBytes: number;
  readonly saltBytes: number;
}

/** RFC 4568 §6.2 and RFC 7714 §14.1. */
const SUITES: Readonly<Record<SrtpSuite, Sizes>> = {
  AEAD_AES_256_GCM: { profile: SRTP_AEAD_AES_256_GCM, keyBytes: 32, saltBytes: 12 },
  AEAD_AES_128_GCM: { profile: SRTP_AEAD_AES_128_GCM, keyBytes: 16, saltBytes: 12 },
  AES_CM_128_HMAC_SHA1_80: { profile: SRTP_AES128_CM_HMAC_SHA1_80, keyBytes: 16, saltBytes: 14 },
  AES_CM_128_HMAC_SHA1_32: { profile: SRTP_AES128_CM_HMAC_SHA1_32, keyBytes: 16, saltBytes: 14 },
};

export const isSuite = (name: string): name is SrtpSuite => Object.hasOwn(SUITES, name);

/** Of a master key with its salt, as SDES carries them in one piece. */
export const masterBytes = (suite: SrtpSuite): number =>
  SUITES[suite].keyBytes + SUITES[suite].saltBytes;

export function srtpKeysOf(suite: SrtpSuite, master: Uint8Array): SrtpKeys {
  const { profile, keyBytes } = SUITES[suite];
  return {
    profile,
    masterKey: master.subarray(0, keyBytes),
    masterSalt: master.subarray(keyBytes, masterBytes(suite)),
  };
}

import type { ImsAccess } from '@isthmus/shared/store/ims-access';
import type { SrtpSuite } from '../../ports/media-plane.ts';

/** On what terms a call talks media with IMS, by the policy of its tenant or trunk. */
export interface ImsTerms {
  readonly sharesPort: boolean;
  readonly srtp: 'never' | 'accept' | 'prefer' | 'require';
  /** Best first. */
  readonly suites: readonly SrtpSuite[];
}

/** What all peers know stands first (RFC 4568 §6.2.1). */
const SUITES: readonly SrtpSuite[] = [
  'AES_CM_128_HMAC_SHA1_80',
  'AEAD_AES_256_GCM',
  'AEAD_AES_128_GCM',
  'AES_CM_128_HMAC_SHA1_32',
];

export const PLAIN_TERMS: ImsTerms = { sharesPort: false, srtp: 'never', suites: SUITES };

/** Keys in SDP are as secret as the signalling is (RFC 4568 §8.3): without TLS there are none. */
export function imsTerms(access: Pick<ImsAccess, 'transport' | 'transports' | 'media'>): ImsTerms {
  const { transport, transports = [transport], media = {} } = access;
  const isPrivate = transports.every((it) => it === 'tls') || media.srtpKeysInClear === true;
  return {
    sharesPort: media.rtcpMux ?? false,
    srtp: isPrivate ? (media.srtp ?? 'accept') : 'never',
    suites: media.srtpSuites ?? SUITES,
  };
}

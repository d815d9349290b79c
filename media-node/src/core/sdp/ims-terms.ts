import type { ImsAccess } from '@isthmus/shared/store/ims-access';
import type { DtlsRole, SrtpSuite } from '../../ports/media-plane.ts';

/** How the keys of a stream are agreed: by themselves in SDP, or by a handshake of DTLS. */
export type Keying = 'sdes' | 'dtls';

/** On what terms a call talks media with IMS, by the policy of its tenant or trunk. */
export interface ImsTerms {
  readonly sharesPort: boolean;
  readonly srtp: 'never' | 'accept' | 'prefer' | 'require';
  /** What is taken. */
  readonly keying: readonly Keying[];
  /** What we offer, where we wish for SRTP. */
  readonly offers: Keying;
  /** Best first. */
  readonly dtlsRoles: readonly DtlsRole[];
  /** Of SDES, best first. */
  readonly suites: readonly SrtpSuite[];
}

/** What all peers know stands first (RFC 4568 §6.2.1). */
const SUITES: readonly SrtpSuite[] = [
  'AES_CM_128_HMAC_SHA1_80',
  'AEAD_AES_256_GCM',
  'AEAD_AES_128_GCM',
  'AES_CM_128_HMAC_SHA1_32',
];

export const PLAIN_TERMS: ImsTerms = {
  ...{ sharesPort: false, srtp: 'never', keying: [], offers: 'sdes', suites: SUITES },
  dtlsRoles: [],
};

/**
 * Keys in SDP are as secret as the signalling is (RFC 4568 §8.3): without TLS there are none. A
 * fingerprint is no secret; without TLS it still keeps out who only listens.
 */
export function imsTerms(access: Pick<ImsAccess, 'transport' | 'transports' | 'media'>): ImsTerms {
  const { transport, transports = [transport], media = {} } = access;
  const { srtp = 'accept', srtpSuites: suites = SUITES } = media;
  const isPrivate = transports.every((it) => it === 'tls') || media.srtpKeysInClear === true;
  const keying: readonly Keying[] = isPrivate ? ['dtls', 'sdes'] : ['dtls'];
  // Who answers begins, where he may choose (RFC 5763 §5).
  const common = { sharesPort: media.rtcpMux ?? false, suites, dtlsRoles: ROLES };
  switch (srtp) {
    case 'prefer-dtls':
      return { ...common, srtp: 'prefer', keying, offers: 'dtls' };
    case 'require-dtls':
      return { ...common, srtp: 'require', keying: ['dtls'], offers: 'dtls' };
    case 'prefer':
      return { ...common, srtp: isPrivate ? srtp : 'accept', keying, offers: 'sdes' };
    default:
      return { ...common, srtp, keying, offers: isPrivate ? 'sdes' : 'dtls' };
  }
}

const ROLES: readonly DtlsRole[] = ['client', 'server'];

/** On a media plane that has these; without any, keys in SDP stand in where they may be. */
export function withDtlsRoles(terms: ImsTerms, dtlsRoles: readonly DtlsRole[]): ImsTerms {
  if (dtlsRoles.length > 0) return { ...terms, dtlsRoles };
  const keying = terms.keying.filter((it) => it !== 'dtls');
  const isPlain = keying.length === 0 && terms.srtp !== 'require';
  return { ...terms, keying, dtlsRoles, offers: 'sdes', srtp: isPlain ? 'never' : terms.srtp };
}

/** A demand that nothing we may do can meet. */
export const isUnmeetable = ({ srtp, keying }: ImsTerms): boolean =>
  srtp === 'require' && keying.length === 0;

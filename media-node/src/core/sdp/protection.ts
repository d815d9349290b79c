import type { DtlsRole, ImsKeys, RtpEndpoint } from '../../ports/media-plane.ts';
import { DtlsKeying } from './dtls-keying.ts';
import { type DtlsLines, dtlsAttributes } from './dtls-lines.ts';
import type { Fingerprints } from './fingerprint.ts';
import type { ImsTerms } from './ims-terms.ts';
import { type CryptoLine, cryptoAttributes, type NewKey, Sdes } from './sdes.ts';
import type { Attribute } from './session-description.ts';

/** What an answer or offer of theirs says about the protection of one stream. */
export interface Protectable {
  readonly protocol: string;
  readonly crypto: readonly CryptoLine[];
  /** Absent: they say nothing of it, or nothing that can be used. */
  readonly dtls?: DtlsLines;
  /** Absent while the stream has no address. */
  readonly remote?: RtpEndpoint;
}

export interface ProtectionOptions {
  readonly terms: ImsTerms;
  readonly newKey: NewKey;
  /** Of our certificate. */
  readonly fingerprints: Fingerprints;
}

interface OfferedProtection {
  readonly protocol: string;
  readonly attributes: readonly Attribute[];
}

const OVER_DTLS = 'UDP/TLS/';
const isOverDtls = (protocol: string): boolean => protocol.startsWith(OVER_DTLS);

/** How one m-line toward IMS is protected: by DTLS, by keys in SDP, or not at all. */
export class Protection {
  readonly #terms: ImsTerms;
  readonly #sdes: Sdes;
  readonly #dtls: DtlsKeying;
  /** Of the last description that agreed on DTLS, or of our last offer. */
  #protocol = '';

  constructor({ terms, newKey, fingerprints }: ProtectionOptions) {
    this.#terms = terms;
    this.#sdes = new Sdes(terms.suites, newKey);
    this.#dtls = new DtlsKeying({ fingerprints, newKey, roles: terms.dtlsRoles });
  }

  /** What is agreed; nothing: plain RTP. */
  get keys(): ImsKeys {
    const [{ srtp }, dtls] = [this.#sdes, this.#dtls.agreed];
    return { ...(srtp && { srtp }), ...(dtls && { dtls }) };
  }

  /**
   * Plain, or plain with what it takes beside it for who can use that (RFC 8643 §3.1); what is
   * protected once stays so.
   */
  offer(profile: 'AVP' | 'AVPF'): OfferedProtection {
    const isDemanded = this.#terms.srtp === 'require';
    if (this.#offersDtls) {
      const isSecure = isDemanded || this.#dtls.agreed !== undefined;
      const fresh = isSecure ? `${OVER_DTLS}RTP/S${profile}` : `RTP/${profile}`;
      this.#protocol = this.#dtls.agreed && isOverDtls(this.#protocol) ? this.#protocol : fresh;
      return { protocol: this.#protocol, attributes: dtlsAttributes(this.#dtls.offer()) };
    }
    const isSecure = isDemanded || this.#sdes.srtp !== undefined;
    this.#protocol = `RTP/${isSecure ? 'S' : ''}${profile}`;
    const crypto = this.#offersSdes ? this.#sdes.offer() : this.#sdes.offerNothing();
    return { protocol: this.#protocol, attributes: cryptoAttributes(crypto) };
  }

  /** DTLS before keys in SDP, which all who pass them on can read, where the offer has both. */
  answer(offer: Protectable): readonly Attribute[] {
    const { dtls, crypto, protocol } = offer;
    this.#protocol = protocol;
    if (dtls && this.#mayHave('dtls')) {
      this.#sdes.answer([]);
      return dtlsAttributes(this.#dtls.answer({ ...offer, dtls }));
    }
    this.#dtls.end();
    const own = this.#sdes.answer(this.#mayHave('sdes') ? crypto : []);
    return cryptoAttributes(own ? [own] : []);
  }

  /** False where the answer is not one to our offer. */
  takeAnswer(answer: Protectable): boolean {
    const { dtls, crypto } = answer;
    if (this.#offersDtls && dtls) {
      if (!this.#dtls.takeAnswer({ ...answer, dtls })) return false;
      this.#sdes.answer([]);
      return true;
    }
    if (isOverDtls(this.#protocol) || (this.#terms.srtp === 'require' && crypto.length === 0)) {
      return false;
    }
    if (!this.#sdes.takeAnswer(crypto)) return false;
    this.#dtls.end();
    return true;
  }

  get #offersDtls(): boolean {
    if (this.#sdes.srtp) return false;
    return this.#dtls.agreed !== undefined || (this.#terms.offers === 'dtls' && this.#isWished);
  }

  get #offersSdes(): boolean {
    return this.#sdes.srtp !== undefined || (this.#terms.offers === 'sdes' && this.#isWished);
  }

  get #isWished(): boolean {
    const { srtp } = this.#terms;
    return srtp === 'prefer' || srtp === 'require';
  }

  #mayHave(how: 'sdes' | 'dtls'): boolean {
    return this.#terms.srtp !== 'never' && this.#terms.keying.includes(how);
  }
}

/** Who is `passive` waits for us to begin. */
const isPlayable = ({ setup }: DtlsLines, roles: readonly DtlsRole[]): boolean =>
  setup === 'actpass' || roles.includes(setup === 'passive' ? 'client' : 'server');

/** Whether a section can be spoken on these terms. */
export function isProtectable(
  { protocol, crypto, dtls }: Omit<Protectable, 'remote'>,
  { srtp, suites, keying, dtlsRoles }: ImsTerms,
): boolean {
  const byDtls = dtls !== undefined && keying.includes('dtls') && isPlayable(dtls, dtlsRoles);
  const bySdes = keying.includes('sdes') && crypto.some((it) => suites.includes(it.suite));
  const isSecure = srtp !== 'never' && (byDtls || (bySdes && !isOverDtls(protocol)));
  const mustProtect = protocol.includes('/S') || srtp === 'require';
  return isSecure || !mustProtect;
}

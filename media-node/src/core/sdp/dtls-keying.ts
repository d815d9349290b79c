import type { DtlsRole, ImsDtls, RtpEndpoint } from '../../ports/media-plane.ts';
import type { DtlsLines, Setup } from './dtls-lines.ts';
import { type Fingerprints, isSameFingerprints } from './fingerprint.ts';
import type { NewKey } from './sdes.ts';

/** What of a peer's description belongs to DTLS. */
export interface DtlsPeer {
  readonly dtls: DtlsLines;
  /** Absent while the stream has no address. */
  readonly remote?: RtpEndpoint;
}

export interface DtlsKeyingOptions {
  /** Of our certificate. */
  readonly fingerprints: Fingerprints;
  readonly newKey: NewKey;
  /** Those we can take, best first. */
  readonly roles: readonly DtlsRole[];
}

interface Basis {
  readonly role: DtlsRole;
  readonly fingerprints: Fingerprints;
  readonly tlsId: string | undefined;
  readonly remote: RtpEndpoint | undefined;
}

/** 120 bits at least (RFC 8842 §4), in the 20 characters at least of the grammar. */
const TLS_ID_BYTES = 18;

/** The DTLS associations of one m-line toward IMS, by offer and answer (RFC 5763, RFC 8842). */
export class DtlsKeying {
  readonly #fingerprints: Fingerprints;
  readonly #roles: readonly DtlsRole[];
  readonly #newId: () => string;
  #tlsId: string | undefined;
  #offered: Setup = 'actpass';
  #basis: Basis | undefined;
  #association = 0;
  #agreed: ImsDtls | undefined;

  constructor({ fingerprints, newKey, roles }: DtlsKeyingOptions) {
    this.#fingerprints = fingerprints;
    this.#roles = roles;
    this.#newId = () => newKey(TLS_ID_BYTES);
  }

  get agreed(): ImsDtls | undefined {
    return this.#agreed;
  }

  /** Each keeps its role, so that the association stays (RFC 8842 §5.5). */
  offer(): DtlsLines {
    const [first = 'server', ...others] = this.#roles;
    const fresh = others.length > 0 ? 'actpass' : setupOf(first);
    const setup = this.#agreed ? setupOf(this.#agreed.role) : fresh;
    this.#offered = setup;
    this.#tlsId ??= this.#newId();
    return { setup, fingerprints: this.#fingerprints, tlsId: this.#tlsId };
  }

  /** Where they leave it to us we begin, as RFC 5763 §5 recommends. */
  answer(peer: DtlsPeer): DtlsLines {
    const { setup, tlsId: theirs } = peer.dtls;
    const [first = 'server'] = this.#roles;
    const role = setup === 'actpass' ? (this.#agreed?.role ?? first) : otherThan(setup);
    const isNew = this.#agree(role, peer);
    if (isNew) this.#tlsId = undefined;
    this.#tlsId ??= this.#newId();
    return {
      setup: setupOf(role),
      fingerprints: this.#fingerprints,
      ...(theirs === undefined ? {} : { tlsId: this.#tlsId }),
    };
  }

  /**
   * False where it is none to our offer: an answer chooses, and not the role that is ours. Of what is
   * settled, phones are about that say `actpass` again.
   */
  takeAnswer(peer: DtlsPeer): boolean {
    const { setup } = peer.dtls;
    const role = setup === 'actpass' ? this.#agreed?.role : otherThan(setup);
    if (role === undefined || setup === this.#offered) return false;
    this.#agree(role, peer);
    return true;
  }

  /** The stream is protected otherwise, or not at all. */
  end(): void {
    this.#agreed = undefined;
    this.#basis = undefined;
    this.#tlsId = undefined;
  }

  /** True for another association than there was (RFC 8842 §4). */
  #agree(role: DtlsRole, { dtls, remote }: DtlsPeer): boolean {
    const { fingerprints } = dtls;
    const before = this.#basis;
    const basis: Basis = {
      role,
      fingerprints,
      tlsId: dtls.tlsId,
      remote: remote ?? before?.remote,
    };
    const isNew = !(before && isSameBasis(before, basis));
    if (isNew) this.#association += 1;
    this.#basis = basis;
    this.#agreed = { role, fingerprints, association: this.#association };
    return isNew;
  }
}

const setupOf = (role: DtlsRole) => (role === 'client' ? 'active' : 'passive');

const otherThan = (setup: 'active' | 'passive'): DtlsRole =>
  setup === 'active' ? 'server' : 'client';

/** Who names no association means another one by another address. */
const isSameBasis = (one: Basis, other: Basis): boolean =>
  one.role === other.role &&
  isSameFingerprints(one.fingerprints, other.fingerprints) &&
  one.tlsId === other.tlsId &&
  (one.tlsId !== undefined || isSamePlace(one.remote, other.remote));

const isSamePlace = (one: RtpEndpoint | undefined, other: RtpEndpoint | undefined): boolean =>
  one === undefined || (one.address === other?.address && one.rtpPort === other.rtpPort);

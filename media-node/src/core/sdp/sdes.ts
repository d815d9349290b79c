import type { ImsSrtp, SrtpSuite } from '../../ports/media-plane.ts';
import { fromBase64 } from '../base64.ts';
import { isSuite, masterBytes } from '../media/srtp-suite.ts';
import { type Attribute, attributes, type MediaSection } from './session-description.ts';

/** One `a=crypto` that can be used: its suite is known, its key whole, its parameters none. */
export interface CryptoLine {
  readonly tag: number;
  readonly suite: SrtpSuite;
  /** Base64 of the master key and its salt. */
  readonly key: string;
}

/** `inline:` key and salt, at most with a lifetime; an MKI would stand in every packet (RFC 4568 §6.1). */
const LINE =
  /^(\d{1,9})\s+([A-Za-z0-9_]+)\s+inline:([A-Za-z0-9+/]+=*)(?:\|(?:2\^)?\d{1,15})?((?:\s+\S+)*)$/;

/** Lines with session parameters are left, but for `WSH`, which only advises (RFC 4568 §6.3.7). */
export const readCrypto = (section: MediaSection): readonly CryptoLine[] =>
  attributes(section, 'crypto').flatMap((value) => {
    const [, tag, suite = '', key = '', parameters = ''] = LINE.exec(value.trim()) ?? [];
    if (!isSuite(suite) || fromBase64(key)?.length !== masterBytes(suite)) return [];
    const isKnown = parameters
      .trim()
      .split(/\s+/)
      .every((it) => it === '' || /^WSH=\d+$/.test(it));
    return isKnown ? [{ tag: Number(tag), suite, key }] : [];
  });

export const cryptoAttributes = (lines: readonly CryptoLine[]): readonly Attribute[] =>
  lines.map(({ tag, suite, key }) => ({
    name: 'crypto',
    value: `${String(tag)} ${suite} inline:${key}`,
  }));

/** Random bytes, in base64 as it stands in SDP. */
export type NewKey = (bytes: number) => string;

/** The keys of one m-line toward IMS, by offer and answer (RFC 4568 §5.1). */
export class Sdes {
  readonly #suites: readonly SrtpSuite[];
  readonly #newKey: NewKey;
  /** One key a suite, kept for the call, so that its stream goes on through re-offers. */
  readonly #own = new Map<SrtpSuite, string>();
  #offered: readonly CryptoLine[] = [];
  #agreed: { readonly own: CryptoLine; readonly srtp: ImsSrtp } | undefined;

  /** `suites`: those we may use, best first. */
  constructor(suites: readonly SrtpSuite[], newKey: NewKey) {
    this.#suites = suites;
    this.#newKey = newKey;
  }

  /** What is agreed; `undefined` is plain RTP. */
  get srtp(): ImsSrtp | undefined {
    return this.#agreed?.srtp;
  }

  offer(): readonly CryptoLine[] {
    const all = () => this.#suites.map((suite, index) => this.#line(index + 1, suite));
    this.#offered = this.#agreed ? [this.#agreed.own] : all();
    return this.#offered;
  }

  /** So that no answer has a key for us. */
  offerNothing(): readonly CryptoLine[] {
    this.#offered = [];
    return this.#offered;
  }

  /** The first of theirs that we may use; `undefined`: plain RTP. */
  answer(theirs: readonly CryptoLine[]): CryptoLine | undefined {
    const remote = theirs.find((it) => this.#suites.includes(it.suite));
    const own = remote && this.#line(remote.tag, remote.suite);
    this.#agree(own, remote);
    return own;
  }

  /** False where the answer is not one to our offer. */
  takeAnswer(theirs: readonly CryptoLine[]): boolean {
    const [remote] = theirs;
    const own =
      remote && this.#offered.find((it) => it.tag === remote.tag && it.suite === remote.suite);
    if (remote && !own) return false;
    this.#agree(own, remote);
    return true;
  }

  #line(tag: number, suite: SrtpSuite): CryptoLine {
    const key = this.#own.get(suite) ?? this.#newKey(masterBytes(suite));
    this.#own.set(suite, key);
    return { tag, suite, key };
  }

  #agree(own: CryptoLine | undefined, remote: CryptoLine | undefined): void {
    const [local, theirs] = [own && fromBase64(own.key), remote && fromBase64(remote.key)];
    this.#agreed =
      own && local && theirs
        ? { own, srtp: { suite: own.suite, local, remote: theirs } }
        : undefined;
  }
}

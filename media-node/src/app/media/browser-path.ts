import type { IwfError } from '@isthmus/shared/errors/iwf-error';
import { ok, type Result } from '@isthmus/shared/result';
import { noCommonCodec } from '../../core/sdp/agreement.ts';
import { type BrowserMedia, readBrowserMedia } from '../../core/sdp/browser-reading.ts';
import { type Fingerprints, isSameFingerprints } from '../../core/sdp/fingerprint.ts';
import { malformed } from '../../core/sdp/parse.ts';
import { EarlyCandidates } from './early-candidates.ts';
import { connectAccess, type Legs } from './legs.ts';

/** The way media takes to the browser: found once, and anew where its network changes. */
export class BrowserPath {
  readonly #early = new EarlyCandidates();
  #fingerprints: Fingerprints | undefined;

  addCandidates(legs: Legs | undefined, candidates: readonly string[]): void {
    if (legs) legs.call.addCandidates(candidates);
    else this.#early.keep(candidates);
  }

  /** Of later descriptions it takes the candidates alone: the way stays. */
  connect(legs: Legs, media: BrowserMedia, weControl: boolean): void {
    this.#fingerprints ??= media.fingerprints;
    connectAccess(legs, media, { early: this.#early.take(), weControl });
  }

  /**
   * An offer with new names (RFC 8839 §4.4.1.1.1). `undefined`: nothing is connected yet. Another
   * certificate would be another DTLS association (RFC 8842 §3.1): that is no restart.
   */
  restart(
    { call, browser }: Legs,
    sdp: string,
  ): Result<{ accessAnswer: string }, IwfError> | undefined {
    const read = readBrowserMedia(sdp, 'offer');
    if (!read.ok) return read;
    const offer = read.value;
    const before = this.#fingerprints;
    if (!(before && isSameFingerprints(offer.fingerprints, before))) {
      return malformed('another certificate');
    }
    const agreed = browser.agreedIn(offer);
    if (!agreed) return noCommonCodec(offer.codecs);
    const { usernameFragment, password } = offer;
    const access = call.restartAccess({ usernameFragment, password });
    if (!access) return undefined;
    call.addCandidates(offer.candidates);
    return ok({ accessAnswer: browser.answerRestart(offer, agreed, access) });
  }
}

import type { BrowserVideo } from '../../core/sdp/browser-video.ts';
import type { ImsVideo } from '../../core/sdp/ims-video.ts';
import {
  canBeMade,
  isSameVideo,
  numberedByUs,
  OF_EVERY_BROWSER,
  VIDEO_NAMES,
  type VideoCodec,
} from '../../core/sdp/video-codecs.ts';
import { firstShared, nearestVideo, withConstrained } from '../../core/sdp/video-meeting.ts';
import { VideoTerms } from '../../core/sdp/video-terms.ts';
import type { VideoWay } from './video-way.ts';

/** Which format is spoken on which side: what passes first, and what is made where there is a place for it. */
export class VideoFormats {
  readonly #terms: VideoTerms;
  readonly #way: VideoWay;

  constructor(allowed: readonly string[], way: VideoWay) {
    this.#terms = new VideoTerms(allowed);
    this.#way = way;
  }

  /** Of IMS, those that the tenant has. */
  allowed(codecs: readonly VideoCodec[] | undefined): readonly VideoCodec[] {
    return this.#terms.allowed(codecs);
  }

  /** Of a browser the tenant's, and where it has none of them what those can be made of. */
  ofBrowser(codecs: readonly VideoCodec[]): readonly VideoCodec[] {
    const preferred = this.#terms.preferred(codecs);
    return preferred.length > 0 ? preferred : this.#way.convertible(codecs);
  }

  /** The same of one that has not said what it has: those behind are for what it turns out to lack. */
  ofAnyBrowser(): readonly VideoCodec[] {
    const preferred = this.#terms.preferred(OF_EVERY_BROWSER);
    const others = this.#way.convertible(OF_EVERY_BROWSER).filter((it) => !preferred.includes(it));
    return [...preferred, ...others];
  }

  /** To be offered to IMS for a browser with these. */
  toIms(codecs: readonly VideoCodec[]): readonly VideoCodec[] {
    return [...this.#terms.allowed(codecs), ...this.#way.made(this.#terms.names, codecs)];
  }

  /** To be offered to a browser for an IMS with these, under numbers of ours. */
  toBrowser(codecs: readonly VideoCodec[]): readonly VideoCodec[] {
    const passing = withConstrained(codecs);
    return numberedByUs([...passing, ...this.#way.made(VIDEO_NAMES, passing)]);
  }

  /** Of a first offer of IMS, once the browser has answered. */
  agreed(
    browser: BrowserVideo | undefined,
    offered: readonly VideoCodec[],
  ): VideoCodec | undefined {
    const allowed = this.#terms.allowed(offered);
    const passing = browser && firstShared(allowed, browser.common);
    const codec = passing ?? this.#way.toConvert(browser, allowed);
    return codec && { ...codec, isMade: !passing };
  }

  /** Of an offer of IMS in mid-call: what is in use, else what can pass, else what can be transcoded. */
  taken(
    { browser, ims }: { readonly browser: BrowserVideo | undefined; readonly ims: ImsVideo },
    offered: readonly VideoCodec[],
  ): VideoCodec | undefined {
    const inUse = ims.codecs?.remote;
    const kept = inUse && offered.find((it) => isSameVideo(it, inUse));
    if (kept || !browser) return kept;
    const allowed = this.#terms.allowed(offered);
    const passing = firstShared(allowed, browser.possible);
    if (passing) return passing;
    const isMakeable = browser.makeable.length > 0 && allowed.some(canBeMade);
    return isMakeable && this.#way.hasPlace() ? allowed.find(canBeMade) : undefined;
  }

  /**
   * What a browser is to be offered while IMS speaks this, first what it is to send. One that has not
   * said whether it has the format may answer with another, of which it is made.
   */
  spoken(browser: BrowserVideo, ims: VideoCodec): readonly VideoCodec[] {
    const made = (codecs: readonly VideoCodec[]): readonly VideoCodec[] =>
      codecs.length > 0 && canBeMade(ims) && this.#way.hasPlace()
        ? codecs.map((it) => ({ ...it, isMade: true }))
        : [];
    if (browser.has(ims)) return [ims];
    const others = browser.makeable.filter((it) => !nearestVideo([it], ims));
    if (browser.mayHave(ims)) return [ims, ...made(others)];
    const known = others.filter((it) => browser.has(it)).slice(0, 1);
    return made(known.length > 0 ? known : others);
  }
}

import type { VideoWish } from '@isthmus/shared/wire/video';
import { BrowserVideo, type BrowserVideoMedia } from '../../core/sdp/browser-video.ts';
import type { ImsMedia, ImsStream } from '../../core/sdp/ims-reading.ts';
import type { ImsTerms } from '../../core/sdp/ims-terms.ts';
import { ImsVideo } from '../../core/sdp/ims-video.ts';
import type { NewKey } from '../../core/sdp/sdes.ts';
import { type Direction, flowOf, narrowed } from '../../core/sdp/session-description.ts';
import {
  isSameVideo,
  numberedByUs,
  OF_EVERY_BROWSER,
  type VideoCodec,
  videoNames,
} from '../../core/sdp/video-codecs.ts';
import type { Gate, VideoStream } from '../../ports/media-plane.ts';
import type { Legs } from './legs.ts';

export interface VideoAgreementOptions {
  /** `TenantItem.codecs`: video that is not named there is refused. */
  readonly allowed: readonly string[];
  readonly terms: ImsTerms;
  readonly newKey: NewKey;
  readonly learnsSource: boolean;
}

const SHUT: Gate = { toIms: false, toBrowser: false };

/**
 * Video of one call, passed through. IMS decides first: a browser that offers video is answered
 * `inactive`, and offered it anew once IMS has taken it. Where video fails, the voice goes on.
 */
export class VideoAgreement {
  readonly #options: VideoAgreementOptions;
  readonly #names: readonly VideoCodec['name'][];
  #stream: VideoStream | undefined;
  #gate = SHUT;
  #beginning: Promise<boolean> | undefined;
  /** The first offer of the browser had a picture to send. */
  isAsked = false;
  /** Our user is seen; what the browser says of it counts besides. */
  #isFilming = true;
  /** Ended by our user, and IMS has still to agree. */
  #isEnding = false;
  /** The browser has still to be told of an end. */
  #owesBrowser = false;

  constructor(options: VideoAgreementOptions) {
    this.#options = options;
    this.#names = videoNames(options.allowed);
  }

  async offeredByBrowser(legs: Legs, offered: BrowserVideoMedia | undefined): Promise<void> {
    this.isAsked = offered !== undefined && flowOf(offered.direction).send;
    const codecs = this.#preferred(offered?.codecs);
    if (!(offered && codecs.length > 0)) return;
    const stream = await this.#open(legs);
    if (!stream) return;
    const { index, direction } = offered;
    legs.browser.video = new BrowserVideo(stream.ssrcToBrowser, { index, offered, codecs });
    legs.ims.video = this.#imsVideo(stream, codecs);
    legs.ims.video.willing = direction;
  }

  async offeredByIms(legs: Legs, offered: ImsStream | undefined): Promise<void> {
    const codecs = this.#allowed(offered?.video);
    if (!(offered && codecs.length > 0)) return;
    const stream = await this.#open(legs);
    if (!stream) return;
    const video = new BrowserVideo(stream.ssrcToBrowser, {
      ...{ index: 1, codecs: numberedByUs(codecs) },
    });
    video.say(offered.direction);
    legs.browser.video = video;
    legs.ims.video = this.#imsVideo(stream, []);
  }

  /** True where IMS is to be offered what our user wants now. */
  async want(legs: Legs, wish: VideoWish): Promise<boolean> {
    if (wish === 'none') {
      this.#isEnding = legs.ims.video !== undefined;
      this.#owesBrowser = this.end(legs) || this.#owesBrowser;
      return this.#isEnding;
    }
    const before = legs.ims.video?.willing;
    if (before === undefined && !(await this.#begin(legs, wish))) return false;
    if (legs.ims.video) legs.ims.video.willing = wish;
    return before !== wish;
  }

  watchOnly(): void {
    this.#isFilming = false;
  }

  /** Video that IMS begins: our user sees it, and shows himself when he wants to. */
  makeRoom(legs: Legs, offered: ImsStream | undefined): Promise<unknown> | undefined {
    if (this.#isEnding || legs.ims.video) return undefined;
    const isUsable = this.#allowed(offered?.video).length > 0;
    return isUsable ? this.#begin(legs, 'recvonly') : undefined;
  }

  /** As if our last offer had not been made. True where the browser is to be offered what has changed. */
  revert(legs: Legs): boolean {
    this.#isEnding = false;
    const isStill = legs.ims.video?.revert() === true;
    return this.#owed(!isStill && this.end(legs));
  }

  /** True where the browser is to be offered what has changed. */
  answeredByIms(legs: Legs, answer: ImsStream | undefined): boolean {
    const { browser, ims } = legs;
    this.#isEnding = false;
    if (!(browser.video && ims.video)) return this.#owed(false);
    if (!(answer && ims.video.takeAnswer(answer))) return this.#owed(this.end(legs));
    return this.#owed(this.#follow(legs, answer));
  }

  /** True where it refuses what IMS has. */
  answeredByBrowser(legs: Legs, answer: BrowserVideoMedia | undefined): boolean {
    const { browser, ims } = legs;
    const { video } = browser;
    if (!video) return false;
    video.takeAnswer(answer);
    // A section that was refused is over for the browser, its transceiver stopped (RFC 8829 §5.11).
    if (!answer) browser.video = undefined;
    const agreed = ims.video?.codecs?.remote;
    this.#apply(legs);
    return agreed !== undefined && !video.agreed(agreed);
  }

  /** Before IMS is answered: what both can, or nothing. */
  settle(legs: Legs, offer: ImsMedia): void {
    const { browser, ims } = legs;
    if (!ims.video) return;
    const codec = offer.video?.video.find((it) => browser.video?.agreed(it));
    if (!(codec && browser.video)) {
      this.end(legs);
      return;
    }
    ims.video.choose(codec);
    const most = this.#isFilming ? 'sendrecv' : 'recvonly';
    ims.video.willing = narrowed(browser.video.direction, most);
  }

  /** Once IMS has been answered. */
  settled(legs: Legs, { video: offered }: ImsMedia): void {
    this.#connect(legs, offered);
    this.#apply(legs);
  }

  /** Of a new offer of IMS: what is in use already, or what the browser may have of it. */
  choose({ browser, ims }: Legs, { video: offered }: ImsMedia): void {
    if (!(offered && ims.video)) return;
    const first = offered.video.find((it) => browser.video?.allows(it));
    const codec = ims.video.isNew ? first : inUse(ims, offered);
    if (codec) ims.video.choose(codec);
  }

  /** Once that has been answered. True where the browser is to be offered what has changed. */
  reofferedByIms(legs: Legs, { video: offered }: ImsMedia): boolean {
    // They went first, without: our offer has still to go.
    if (!offered && legs.ims.video?.isNew) return false;
    if (!(offered && inUse(legs.ims, offered))) return this.end(legs);
    return this.#follow(legs, offered);
  }

  /** As if it had not been offered. */
  withdraw(legs: Legs): void {
    this.end(legs);
    legs.browser.video = undefined;
  }

  applyGate({ browser, ims }: Legs, gate: Gate): void {
    this.#gate = gate;
    this.#openGate({ browser, ims });
  }

  #openGate({ browser, ims }: Pick<Legs, 'browser' | 'ims'>): void {
    const isOn = ims.video?.codecs !== undefined && browser.video?.isAwaited === false;
    if (!(isOn && ims.video)) {
      this.#stream?.setGate(SHUT);
      return;
    }
    const { send } = flowOf(ims.video.agreed);
    this.#stream?.setGate({ ...this.#gate, toIms: this.#gate.toIms && send });
  }

  /** True where the browser still believes in video. */
  end({ browser, ims }: Legs): boolean {
    const wasOn = browser.video !== undefined && browser.video.said !== 'inactive';
    browser.video?.say('inactive');
    ims.video = undefined;
    const stream = this.#stream;
    this.#stream = undefined;
    // Its ports come back by themselves should this fail; the call does not wait for it.
    void stream?.close();
    return wasOn;
  }

  /** The tenant's order, as of voice: phones decode what stands first. */
  #preferred(codecs: readonly VideoCodec[] = []): readonly VideoCodec[] {
    return this.#names.flatMap((name) => codecs.filter((it) => it.name === name));
  }

  #owed(isNews: boolean): boolean {
    const owed = this.#owesBrowser;
    this.#owesBrowser = false;
    return isNews || owed;
  }

  /** A stream that both sides have still to be offered. False where there is no room. */
  #begin(legs: Legs, willing: Direction): Promise<boolean> {
    this.#beginning ??= this.#beginNow(legs, willing).finally(() => {
      this.#beginning = undefined;
    });
    return this.#beginning;
  }

  async #beginNow(legs: Legs, willing: Direction): Promise<boolean> {
    const { browser, ims } = legs;
    const offered = browser.video?.offered;
    const codecs = this.#preferred(offered?.codecs ?? OF_EVERY_BROWSER);
    const stream = codecs.length > 0 ? await this.#open(legs) : undefined;
    if (!stream) return false;
    // In the section it had before; one that was refused is never used again.
    const index = browser.video?.index ?? browser.sectionCount;
    const place = { index, codecs, ...(offered ? { offered } : {}) };
    browser.video = new BrowserVideo(stream.ssrcToBrowser, place);
    ims.video = this.#imsVideo(stream, codecs);
    ims.video.willing = willing;
    return true;
  }

  #allowed(codecs: readonly VideoCodec[] = []): readonly VideoCodec[] {
    return codecs.filter((it) => this.#names.includes(it.name));
  }

  async #open({ call }: Legs): Promise<VideoStream | undefined> {
    // Without a port left the call is one of voice.
    this.#stream = await call.openVideo?.().catch(() => undefined);
    return this.#stream;
  }

  #imsVideo({ ims: local }: VideoStream, codecs: readonly VideoCodec[]): ImsVideo {
    const { terms, newKey } = this.#options;
    return new ImsVideo({ local, terms, newKey, codecs });
  }

  #connect({ ims }: Legs, stream: ImsStream | undefined): void {
    if (!stream?.remote) return;
    const { learnsSource } = this.#options;
    const srtp = ims.video?.srtp;
    this.#stream?.connectIms({
      ...stream.remote,
      ...(learnsSource ? { learnsSource } : {}),
      ...(srtp ? { srtp } : {}),
    });
  }

  /** The browser is to do what IMS wants: the node sends where IMS sends. */
  #follow(legs: Legs, stream: ImsStream): boolean {
    const { browser, ims } = legs;
    const codec = ims.video?.codecs?.remote;
    if (!(codec && browser.video)) return false;
    const changed = browser.video.settle(codec, stream.direction);
    this.#connect(legs, stream);
    this.#apply(legs);
    return changed;
  }

  #apply(legs: Legs): void {
    const { browser, ims } = legs;
    const toward = ims.video?.codecs;
    const agreed = toward && browser.video?.agreed(toward.remote);
    if (toward && agreed && browser.video && ims.video) {
      const orientation = [browser.video.orientation, ims.video.orientation] as const;
      this.#stream?.setRewrite({
        payloadToIms: new Map([[agreed.local.payloadType, toward.remote.payloadType]]),
        payloadToBrowser: new Map([[toward.local.payloadType, agreed.remote.payloadType]]),
        feedback: { browser: browser.video.feedback, ims: ims.video.feedback },
        ...(orientation[0] !== undefined && orientation[1] !== undefined
          ? { orientation: { browser: orientation[0], ims: orientation[1] } }
          : {}),
      });
    }
    this.#openGate(legs);
  }
}

const inUse = ({ video }: Legs['ims'], offered: ImsStream): VideoCodec | undefined => {
  const codec = video?.codecs?.remote;
  return codec && offered.video.find((it) => isSameVideo(it, codec));
};

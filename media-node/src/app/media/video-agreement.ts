import type { VideoWish } from '@isthmus/shared/wire/video';
import { BrowserVideo, type BrowserVideoMedia } from '../../core/sdp/browser-video.ts';
import type { ImsMedia, ImsStream } from '../../core/sdp/ims-reading.ts';
import { type Direction, flowOf, narrowed } from '../../core/sdp/session-description.ts';
import { isSameVideo, type VideoCodec } from '../../core/sdp/video-codecs.ts';
import type { Gate, VideoStream } from '../../ports/media-plane.ts';
import type { Legs } from './legs.ts';
import { PostponedVideo } from './postponed-video.ts';
import { VideoFormats } from './video-formats.ts';
import type { VideoWay } from './video-way.ts';

export interface VideoAgreementOptions {
  /** `TenantItem.codecs`: video that is not named there is refused. */
  readonly allowed: readonly string[];
  readonly learnsSource: boolean;
  readonly way: VideoWay;
}

const SHUT: Gate = { toIms: false, toBrowser: false };

/**
 * Video of one call, transcoded where no format is common. IMS decides first: a browser that offers
 * video is answered `inactive`, and offered it anew once IMS has taken it. Where it fails, the voice goes on.
 */
export class VideoAgreement {
  readonly #options: VideoAgreementOptions;
  readonly #way: VideoWay;
  readonly #formats: VideoFormats;
  #gate = SHUT;
  #beginning: Promise<boolean> | undefined;
  /** The first offer of the browser had a picture to send. */
  isAsked = false;
  /** Our user is seen; what the browser says of it counts besides. */
  #isFilming = true;
  /** Ended by our user, and IMS has still to agree. */
  #isEnding = false;
  #postponed: PostponedVideo | undefined;
  /** The browser has still to be told of an end. */
  #owesBrowser = false;

  constructor(options: VideoAgreementOptions) {
    this.#options = options;
    this.#way = options.way;
    this.#formats = new VideoFormats(options.allowed, this.#way);
  }

  async offeredByBrowser(legs: Legs, offered: BrowserVideoMedia | undefined): Promise<void> {
    this.isAsked = offered !== undefined && flowOf(offered.direction).send;
    const codecs = this.#formats.ofBrowser(offered?.codecs ?? []);
    const stream = offered && (await this.#open(legs, codecs));
    if (!stream) return;
    const { index, direction } = offered;
    this.#offerIms(legs, stream, { index, offered, codecs });
    if (legs.ims.video) legs.ims.video.willing = direction;
  }

  async offeredByIms(legs: Legs, offered: ImsStream | undefined): Promise<void> {
    const codecs = this.#formats.allowed(offered?.video);
    const stream = offered && (await this.#open(legs, codecs));
    if (!stream) return;
    const place = { index: 1, codecs: this.#formats.toBrowser(codecs) };
    const video = new BrowserVideo(stream.ssrcToBrowser, place);
    video.say(offered.direction);
    legs.browser.video = video;
    legs.ims.video = legs.ims.newVideo(stream.ims, []);
  }

  /** True where IMS is to be offered what our user wants now. */
  async want(legs: Legs, wish: VideoWish): Promise<boolean> {
    if (wish === 'none') {
      this.#isEnding = legs.ims.video !== undefined;
      this.#owesBrowser = this.end(legs) || this.#owesBrowser;
      return this.#isEnding;
    }
    legs.ims.video ??= this.#postponed?.video;
    this.#postponed = undefined;
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
    if (this.#isEnding || this.#postponed || legs.ims.video) return undefined;
    const isUsable = this.#formats.allowed(offered?.video).length > 0;
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
    if (agreed === undefined || video.agreed(agreed)) return false;
    return this.#way.toConvert(video, [agreed]) === undefined;
  }

  /** Before IMS is answered: what both can, or nothing. */
  settle(legs: Legs, offer: ImsMedia): void {
    const { browser, ims } = legs;
    if (!ims.video) return;
    const codec = this.#formats.agreed(browser.video, offer.video?.video ?? []);
    if (!(codec && browser.video)) {
      this.end(legs);
      return;
    }
    ims.video.choose(codec);
    ims.video.willing = this.#willing(browser.video);
  }

  #willing({ direction }: BrowserVideo): Direction {
    return narrowed(direction, this.#isFilming ? 'sendrecv' : 'recvonly');
  }

  /** Once IMS has been answered. */
  settled(legs: Legs, { video: offered }: ImsMedia): void {
    this.#connect(legs, offered);
    this.#apply(legs);
  }

  /** Of a new offer of IMS: what is in use already, or what the browser may have or be given of it. */
  choose({ browser, ims }: Legs, { video: offered }: ImsMedia): void {
    if (!(offered && ims.video)) return;
    const sides = { browser: browser.video, ims: ims.video };
    const codec = this.#formats.taken(sides, offered.video);
    if (codec) ims.video.choose(codec);
  }

  /** Once that has been answered. True where the browser is to be offered what has changed. */
  reofferedByIms(legs: Legs, { video: offered }: ImsMedia): boolean {
    // They went first, without: our offer has still to go. What was postponed waits for that, too.
    if (this.#postponed !== undefined || (!offered && legs.ims.video?.isNew)) return false;
    if (!(offered && inUse(legs.ims, offered))) return this.end(legs);
    return this.#follow(legs, offered);
  }

  /** IMS is answered before our user can be asked: refused, and offered back once the call is on. */
  postpone({ ims }: Legs, { video: offered }: ImsMedia): void {
    if (ims.video && offered) this.#postponed = new PostponedVideo(ims.video, offered.video);
    ims.video = undefined;
  }

  /** What our user wants of that, now that he has been asked. */
  owedWish(legs: Legs): VideoWish | undefined {
    const [{ video }, postponed] = [legs.browser, this.#postponed];
    if (!postponed) return undefined;
    const codec = this.#formats.agreed(video, postponed.offered);
    const wish = codec && video && postponed.taken(codec, this.#willing(video));
    if (!wish) this.#owesBrowser = this.end(legs) || this.#owesBrowser;
    return wish;
  }

  applyGate({ browser, ims }: Legs, gate: Gate): void {
    this.#gate = gate;
    this.#openGate({ browser, ims });
  }

  #openGate({ browser, ims }: Pick<Legs, 'browser' | 'ims'>): void {
    const isOn = ims.video?.codecs !== undefined && browser.video?.isAwaited === false;
    if (!(isOn && ims.video)) {
      this.#way.setGate(SHUT);
      return;
    }
    const { send } = flowOf(ims.video.agreed);
    this.#way.setGate({ ...this.#gate, toIms: this.#gate.toIms && send });
  }

  /** True where the browser still believes in video. */
  end({ browser, ims }: Legs): boolean {
    const wasOn = browser.video !== undefined && browser.video.said !== 'inactive';
    browser.video?.say('inactive');
    ims.video = undefined;
    this.#postponed = undefined;
    this.#way.close();
    return wasOn;
  }

  /** The call is over. */
  release(): void {
    this.#way.release();
  }

  /** A stream that both sides have still to agree on; its ports go back where nothing is to be offered. */
  #offerIms(
    legs: Legs,
    stream: VideoStream,
    place: ConstructorParameters<typeof BrowserVideo>[1],
  ): boolean {
    const toIms = this.#formats.toIms(place.codecs);
    if (toIms.length === 0) {
      this.end(legs);
      return false;
    }
    legs.browser.video = new BrowserVideo(stream.ssrcToBrowser, place);
    legs.ims.video = legs.ims.newVideo(stream.ims, toIms);
    return true;
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
    const codecs = offered ? this.#formats.ofBrowser(offered.codecs) : this.#formats.ofAnyBrowser();
    const stream = await this.#open(legs, codecs);
    if (!stream) return false;
    // In the section it had before; one that was refused is never used again.
    const index = browser.video?.index ?? browser.sectionCount;
    const place = { index, codecs, ...(offered ? { offered } : {}) };
    const isOffered = this.#offerIms(legs, stream, place);
    if (ims.video) ims.video.willing = willing;
    return isOffered;
  }

  async #open({ call }: Legs, codecs: readonly VideoCodec[]): Promise<VideoStream | undefined> {
    return codecs.length > 0 ? this.#way.open(call) : undefined;
  }

  #connect({ ims }: Legs, stream: ImsStream | undefined): void {
    if (!stream?.remote) return;
    const { learnsSource } = this.#options;
    this.#way.connect({
      ...stream.remote,
      ...(learnsSource ? { learnsSource } : {}),
      ...ims.video?.keys,
    });
  }

  /** The browser is to do what IMS wants: the node sends where IMS sends. */
  #follow(legs: Legs, stream: ImsStream): boolean {
    const { browser, ims } = legs;
    const codec = ims.video?.codecs?.remote;
    if (!(codec && browser.video)) return false;
    const spoken = this.#formats.spoken(browser.video, codec);
    if (spoken.length === 0) return this.end(legs);
    const changed = browser.video.settle(spoken, stream.direction);
    this.#connect(legs, stream);
    this.#apply(legs);
    return changed;
  }

  #apply(legs: Legs): void {
    const [browser, ims] = [legs.browser.video, legs.ims.video];
    if (browser && ims) this.#way.apply({ browser, ims });
    this.#openGate(legs);
  }
}

const inUse = ({ video }: Legs['ims'], offered: ImsStream): VideoCodec | undefined => {
  const codec = video?.codecs?.remote;
  return codec && offered.video.find((it) => isSameVideo(it, codec));
};

import { BrowserVideo, type BrowserVideoMedia } from '../../core/sdp/browser-video.ts';
import type { ImsMedia, ImsStream } from '../../core/sdp/ims-reading.ts';
import type { ImsTerms } from '../../core/sdp/ims-terms.ts';
import { ImsVideo } from '../../core/sdp/ims-video.ts';
import type { NewKey } from '../../core/sdp/sdes.ts';
import { flowOf } from '../../core/sdp/session-description.ts';
import { isSameVideo, type VideoCodec, videoNames } from '../../core/sdp/video-codecs.ts';
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

  constructor(options: VideoAgreementOptions) {
    this.#options = options;
    this.#names = videoNames(options.allowed);
  }

  async offeredByBrowser(legs: Legs, offered: BrowserVideoMedia | undefined): Promise<void> {
    // The tenant's order, as of voice: phones decode what stands first.
    const codecs = this.#names.flatMap((name) =>
      this.#allowed(offered?.codecs).filter((it) => it.name === name),
    );
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
    const video = new BrowserVideo(stream.ssrcToBrowser, { index: 1, codecs });
    video.say(offered.direction);
    legs.browser.video = video;
    legs.ims.video = this.#imsVideo(stream, []);
  }

  /** True where the browser is to be offered what has changed. */
  answeredByIms(legs: Legs, answer: ImsStream | undefined): boolean {
    const { browser, ims } = legs;
    if (!(browser.video && ims.video)) return false;
    if (!(answer && ims.video.takeAnswer(answer))) return this.end(legs);
    return this.#follow(legs, answer);
  }

  answeredByBrowser(legs: Legs, answer: BrowserVideoMedia | undefined): void {
    legs.browser.video?.takeAnswer(answer);
    this.#apply(legs);
  }

  /** Before IMS is answered: what both can, or nothing. */
  settle(legs: Legs, offer: ImsMedia): void {
    const { browser, ims } = legs;
    if (!(browser.video && ims.video)) return;
    const { video } = browser;
    const codec = offer.video?.video.find((it) => video.agreed(it));
    if (!codec) {
      this.end(legs);
      return;
    }
    ims.video.choose(codec);
    ims.video.willing = video.direction;
  }

  /** Once IMS has been answered. */
  settled(legs: Legs, { video: offered }: ImsMedia): void {
    this.#connect(legs, offered);
    this.#apply(legs);
  }

  /** Of a new offer of IMS, what is in use already: it may end video or turn it, and begin none. */
  choose({ ims }: Legs, { video: offered }: ImsMedia): void {
    const codec = offered && inUse(ims, offered);
    if (codec) ims.video?.choose(codec);
  }

  /** Once that has been answered. True where the browser is to be offered what has changed. */
  reofferedByIms(legs: Legs, { video: offered }: ImsMedia): boolean {
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
    const { receive } = flowOf(ims.video.direction);
    this.#stream?.setGate({ ...this.#gate, toIms: this.#gate.toIms && receive });
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

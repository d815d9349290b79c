import type { VideoWish } from '@isthmus/shared/wire/video';
import type { VideoCarried } from '../../core/quality/leg-numbers.ts';
import { type ImsReading, readImsMedia } from '../../core/sdp/ims-reading.ts';
import { flowOf } from '../../core/sdp/session-description.ts';
import type {
  BrowserNews,
  CallMediaOptions,
  CallVideo,
  VideoView,
} from '../../ports/call-media.ts';
import type { Clock } from '../../ports/clock.ts';
import type { VideoTranscoder } from '../../ports/video-transcoder.ts';
import type { Legs } from './legs.ts';
import { VideoAgreement } from './video-agreement.ts';
import { VideoWay } from './video-way.ts';

export interface VideoOfCallDeps {
  readonly reading: ImsReading;
  readonly transcoder: VideoTranscoder;
  readonly clock: Pick<Clock, 'nowMs'>;
  /** Once there are any. */
  readonly legs: () => Legs | undefined;
}

/** Video that comes and goes while a call is on. The browser is never asked before IMS has agreed. */
export class VideoOfCall implements CallVideo {
  readonly #deps: VideoOfCallDeps;
  readonly #way: VideoWay;

  /** What the first offer and answer agree of it, too. */
  readonly agreement: VideoAgreement;

  constructor(
    { codecs, learnsSource = false }: Pick<CallMediaOptions, 'codecs' | 'learnsSource'>,
    deps: VideoOfCallDeps,
  ) {
    const { clock, transcoder } = deps;
    this.#deps = deps;
    const way = new VideoWay(transcoder, clock);
    this.#way = way;
    this.agreement = new VideoAgreement({ allowed: codecs, learnsSource, way });
  }

  get view(): VideoView {
    const agreed = this.#deps.legs()?.ims.video?.agreed ?? 'inactive';
    const { send: ours, receive: theirs } = flowOf(agreed);
    return { ours, theirs };
  }

  get isAsked(): boolean {
    return this.agreement.isAsked;
  }

  async want(wish: VideoWish): Promise<boolean> {
    const legs = this.#deps.legs();
    return legs !== undefined && (await this.agreement.want(legs, wish));
  }

  watchOnly(): void {
    this.agreement.watchOnly();
  }

  owedWish(): VideoWish | undefined {
    const legs = this.#deps.legs();
    return legs && this.agreement.owedWish(legs);
  }

  makeRoom(offer: string | undefined): Promise<void> | undefined {
    const { legs, reading } = this.#deps;
    const own = legs();
    const read = offer === undefined ? undefined : readImsMedia(offer, reading);
    if (!(own && read?.ok)) return undefined;
    return this.agreement.makeRoom(own, read.value.video)?.then(() => undefined);
  }

  carried(): VideoCarried | undefined {
    return this.#way.carried();
  }

  revert(): BrowserNews {
    const legs = this.#deps.legs();
    if (!(legs && this.agreement.revert(legs))) return {};
    return { reoffer: legs.browser.reoffer(), voiceGoesOn: true };
  }
}

import type { IwfError } from '@isthmus/shared/errors/iwf-error';
import type { Result } from '@isthmus/shared/result';
import type { VideoWish } from '@isthmus/shared/wire/video';
import type { CallEvent, Device } from '../../core/call/call-types.ts';
import type { CallMedia } from '../../ports/call-media.ts';
import type { Log } from '../../ports/log.ts';
import type { MediaEvent } from '../../ports/media-plane.ts';
import type { Carried } from './carried.ts';
import type { SetUpClock, SetUpStage } from './set-up-clock.ts';

export interface AccessLegsDeps {
  readonly log: Log;
  readonly createMedia: (onEvent: (event: MediaEvent) => void) => CallMedia;
  readonly dispatch: (event: CallEvent) => void;
  readonly setUp: SetUpClock;
}

interface Prepared {
  readonly accessSdp: string;
  readonly imsOffer?: string;
  readonly imsAnswer?: string;
}

interface EarlyOffer {
  readonly sdp: string;
  readonly isTold: boolean;
}

type ReofferTaken = ReturnType<CallMedia['takeImsReoffer']>;

/** How it is with IMS by what both have said. */
export const standing = (media: CallMedia) => ({
  isHeld: media.isHeldByIms(),
  view: media.video.view,
  asksVideo: media.video.isAsked,
});

/** The media of every device taking part in one call, opened and closed with it. */
export class AccessLegs {
  readonly #deps: AccessLegsDeps;
  readonly #media = new Map<Device, CallMedia>();
  readonly #setUps = new Map<Device, SetUpClock>();
  readonly #carried: Carried[] = [];

  constructor(deps: AccessLegsDeps) {
    this.#deps = deps;
  }

  prepareOutgoing(device: Device, sdp: string): void {
    this.#prepare(device, async (media) => {
      const taken = await media.takeBrowserOffer(sdp);
      if (!taken.ok) return taken;
      const { accessAnswer, imsOffer } = taken.value;
      return { ok: true, value: { accessSdp: accessAnswer, imsOffer } };
    });
  }

  prepareIncoming(device: Device, sdp: string | undefined, early = false): void {
    this.#prepare(device, async (media) => {
      const taken = early ? await media.answerImsOffer(sdp) : await media.takeImsOffer(sdp);
      if (!taken.ok) return taken;
      const { accessOffer, ...settled } = taken.value;
      return { ok: true, value: { accessSdp: accessOffer, ...settled } };
    });
  }

  of(device: Device): CallMedia | undefined {
    return this.#media.get(device);
  }

  takeImsAnswer(device: Device, sdp: string): void {
    const media = this.of(device);
    const taken = media?.takeImsAnswer(sdp);
    if (media && taken?.ok)
      this.#deps.dispatch({ kind: 'ims-answer-taken', ...taken.value, ...standing(media) });
    else this.#deps.dispatch({ kind: 'ims-answer-refused' });
  }

  takeImsReoffer(device: Device, sdp: string | undefined): void {
    const media = this.of(device);
    const take = (): void => {
      if (media === this.of(device)) this.#reofferTaken(media, media?.takeImsReoffer(sdp));
    };
    const room = media?.video.makeRoom(sdp);
    if (room) this.#goOn(room.then(take));
    else take();
  }

  wantVideo(device: Device, wish: VideoWish): void {
    const media = this.of(device);
    const wanted = media?.video.want(wish).then((isOffered) => {
      this.#deps.dispatch({ kind: 'video-wanted', isOffered, view: media.video.view });
    });
    this.#goOn(wanted);
  }

  revertVideo(device: Device): void {
    const media = this.of(device);
    if (!media) return;
    const news = media.video.revert();
    this.#deps.dispatch({ kind: 'video-reverted', ...news, view: media.video.view });
  }

  /** Taken by one device, it is what the others would have to answer, too. */
  takeEarlyOffer(device: Device, { sdp, isTold }: EarlyOffer): void {
    const media = this.of(device);
    const taken = media?.takeEarlyOffer(sdp, { isTold });
    if (taken?.ok)
      for (const other of this.#media.values()) if (other !== media) other.renewImsOffer(sdp);
    this.#reofferTaken(media, taken);
  }

  #reofferTaken(media: CallMedia | undefined, taken: ReofferTaken | undefined): void {
    if (media && taken?.ok)
      this.#deps.dispatch({ kind: 'ims-reoffer-taken', ...taken.value, ...standing(media) });
    else this.#deps.dispatch({ kind: 'ims-reoffer-refused' });
  }

  offerIms(device: Device, isHeld: boolean): void {
    const made = this.of(device)?.offerIms({ isHeld });
    if (made?.ok) this.#deps.dispatch({ kind: 'ims-offer-made', sdp: made.value });
  }

  /** A first offer to somebody else, whatever was agreed with whom we talk to. */
  offerToNext(device: Device): string | undefined {
    const media = this.of(device);
    media?.offerIms({ isHeld: false });
    const made = media?.takeImsReoffer(undefined);
    return made?.ok ? made.value.imsAnswer : undefined;
  }

  release(device: Device): void {
    const media = this.#media.get(device);
    if (!media) return;
    this.#media.delete(device);
    this.#carried.push(this.#carriedBy(device, media));
    media.close().catch((cause: unknown) => {
      this.#deps.log.error('media did not close', { cause });
    });
  }

  /** What every device carried, those released before among them. */
  releaseAll(): readonly Carried[] {
    for (const device of [...this.#media.keys()]) this.release(device);
    return this.#carried;
  }

  /** Packets of sound and of reports that have come of IMS, for whatever device. */
  get heardOfIms(): number {
    const legs = [...this.#media.values()].map((media) => media.stats().ims);
    return legs.reduce((all, it) => all + it.packetsReceived + it.reportsReceived, 0);
  }

  /** So far; undefined where it has no media. */
  carriedNow(device: Device): Carried | undefined {
    const media = this.#media.get(device);
    return media && this.#carriedBy(device, media);
  }

  #carriedBy(device: Device, media: CallMedia): Carried {
    const ofDevice = this.#setUps.get(device)?.times;
    const setUp = { ...this.#deps.setUp.times, ...ofDevice };
    return { stats: media.stats(), codecs: media.codecs(), setUp, video: media.video.carried() };
  }

  #prepare(device: Device, take: (media: CallMedia) => Promise<Result<Prepared, IwfError>>): void {
    const { createMedia, dispatch, log, setUp } = this.#deps;
    this.#setUps.set(device, setUp.ofDevice());
    const media = createMedia((event) => {
      this.#happened(device, event);
    });
    this.#media.set(device, media);
    this.#goOn(
      take(media).then(
        (taken) => {
          if (taken.ok) dispatch({ kind: 'media-prepared', device, ...taken.value });
          else dispatch({ kind: 'media-refused', device, code: taken.error.code });
        },
        (cause: unknown) => {
          log.error('media could not be opened', { cause });
          dispatch({ kind: 'media-refused', device, code: 'internal' });
        },
      ),
    );
  }

  /** A fault of one call is not to end the node, and with it all others. */
  #goOn(work: Promise<void> | undefined): void {
    work?.catch((cause: unknown) => {
      this.#deps.log.error('a call could not go on', { cause });
    });
  }

  #happened(device: Device, event: MediaEvent): void {
    const { dispatch, log } = this.#deps;
    const stage = stageOf(event);
    if (stage) this.#setUps.get(device)?.reached(stage);
    switch (event.kind) {
      case 'access-connected':
        dispatch({ kind: 'media-connected', device });
        return;
      case 'access-failed':
        log.warn('access leg failed', { reason: event.reason });
        dispatch({ kind: 'media-failed', device });
        return;
      case 'ims-failed':
        log.warn('IMS leg failed', { reason: event.reason });
        dispatch({ kind: 'media-failed', device });
        return;
      case 'consent-lost':
        log.warn('consent lost');
        dispatch({ kind: 'consent-lost', device });
        return;
      case 'consent-restored':
        log.info('consent restored');
        dispatch({ kind: 'consent-restored', device });
        return;
      case 'digit': {
        const { from, digit, durationMs } = event;
        dispatch({ kind: 'digit-heard', device, from, digit, durationMs });
        return;
      }
      case 'first-packet':
        log.info('first packet', { from: event.from });
        return;
      case 'ice-connected':
      case 'first-sent':
    }
  }
}

function stageOf(event: MediaEvent): SetUpStage | undefined {
  switch (event.kind) {
    case 'ice-connected':
      return 'iceMs';
    case 'access-connected':
      return 'dtlsMs';
    case 'first-sent':
      return event.to === 'ims' ? 'soundToImsMs' : 'soundToBrowserMs';
    default:
      return undefined;
  }
}

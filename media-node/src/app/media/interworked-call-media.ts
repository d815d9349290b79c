import { callId } from '@isthmus/shared/domain/ids';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import { err, ok } from '@isthmus/shared/result';
import { NO_MEDIA } from '../../core/media/no-traffic.ts';
import type { CodecsOfLegs } from '../../core/quality/leg-numbers.ts';
import { noCommonCodec } from '../../core/sdp/agreement.ts';
import { readBrowserMedia } from '../../core/sdp/browser-reading.ts';
import { type CodecWithPayload, withEvents, withTheirEvents } from '../../core/sdp/codecs.ts';
import { readImsMedia } from '../../core/sdp/ims-reading.ts';
import { isUnmeetable } from '../../core/sdp/ims-terms.ts';
import type {
  BrowserNews,
  CallMedia,
  CallMediaOptions,
  ImsAnswered,
  Taken,
} from '../../ports/call-media.ts';
import type { Gate } from '../../ports/media-plane.ts';
import type { MediaStats } from '../../ports/media-stats.ts';
import { BrowserPath } from './browser-path.ts';
import { CallGate } from './call-gate.ts';
import { type CallMediaDeps, codecsOf, connectIms, createLegs, type Legs } from './legs.ts';
import { VideoOfCall } from './video-of-call.ts';
import type { VoiceAgreement } from './voice-agreement.ts';

/** SDP of both sides and the one media call between them. */
export class InterworkedCallMedia implements CallMedia {
  readonly #deps: CallMediaDeps;
  readonly #options: CallMediaOptions;
  readonly #voice: VoiceAgreement;
  readonly video: VideoOfCall;
  #legs: Legs | undefined;
  #isClosed = false;
  readonly #gate: CallGate;
  readonly #path = new BrowserPath();
  #lastImsAnswer: string | undefined;
  /** What IMS was told before the browser had answered. */
  #settled: string | undefined;
  /** What the browser has to follow once it has answered. */
  #owed: { readonly voice: CodecWithPayload; readonly isVideoNews: boolean } | undefined;

  constructor(deps: CallMediaDeps, options: CallMediaOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#voice = deps.voice;
    const { clock, reading, videoTranscoder: transcoder } = deps;
    const legs = (): Legs | undefined => this.#legs;
    this.video = new VideoOfCall(options, { clock, reading, transcoder, legs });
    this.#gate = new CallGate(this.video.agreement);
  }

  async takeBrowserOffer(sdp: string): Promise<Taken<{ accessAnswer: string; imsOffer: string }>> {
    const read = readBrowserMedia(sdp, 'offer');
    if (!read.ok) return read;
    const offer = read.value;
    const voice = this.#voice.choose(undefined, offer.codecs);
    if (!voice.ok) return voice;
    const opened = await this.#open();
    if (!opened.ok) return opened;
    const legs = opened.value;
    await this.video.agreement.offeredByBrowser(legs, offer.video);
    const codecs = withTheirEvents(voice.value.browser(offer.codecs), offer.codecs);
    const accessAnswer = legs.browser.answer(offer, codecs, 'sendrecv');
    const imsOffer = legs.ims.offer(withEvents(voice.value.ims), offer.direction);
    this.#path.connect(legs, offer, false);
    return ok({ accessAnswer, imsOffer });
  }

  async takeImsOffer(sdp: string | undefined): Promise<Taken<{ accessOffer: string }>> {
    const read = sdp === undefined ? ok(undefined) : readImsMedia(sdp, this.#deps.reading);
    if (!read.ok) return read;
    const offer = read.value;
    const { ofBrowser } = this.#voice;
    const voice = this.#voice.choose(offer?.codecs, ofBrowser);
    if (!voice.ok) return voice;
    const opened = await this.#open();
    if (!opened.ok) return opened;
    const legs = opened.value;
    if (offer) legs.ims.takeOffer(offer);
    await this.video.agreement.offeredByIms(legs, offer?.video);
    this.#gate.awaitBrowser();
    // Toward the browser the numbers are ours; IMS's own may be anything.
    const ours = withEvents(voice.value.browser(ofBrowser));
    return ok({ accessOffer: legs.browser.offer(ours, 'sendrecv') });
  }

  async answerImsOffer(
    sdp: string | undefined,
  ): Promise<Taken<{ accessOffer: string; imsAnswer: string }>> {
    const taken = await this.takeImsOffer(sdp);
    if (!taken.ok) return taken;
    const legs = this.#legs;
    if (!legs) return this.#wrongState();
    const { browser, ims } = legs;
    const { ofBrowser } = this.#voice;
    const offer = ims.pendingOffer;
    const voice = this.#voice.choose(offer?.codecs, ofBrowser);
    if (!voice.ok) return voice;
    if (!offer) {
      const imsAnswer = ims.offer(withEvents(voice.value.ims), 'sendrecv');
      this.#settled = imsAnswer;
      return ok({ ...taken.value, imsAnswer });
    }
    // Whether the browser takes video is not known yet.
    this.video.agreement.postpone(legs, offer);
    const imsAnswer = ims.answer(offer, voice.value.first, 'sendrecv');
    this.#settled = imsAnswer;
    connectIms(legs, offer, this.#options);
    const spoken = this.#voice.browserCodecFor(voice.value.first, ofBrowser);
    const ours = withEvents(spoken ? [spoken] : []);
    return ok({ accessOffer: browser.offer(ours, 'sendrecv'), imsAnswer });
  }

  takeBrowserAnswer(sdp: string): Taken<{ refusesVideo?: true }> {
    const legs = this.#legs;
    if (!legs) return this.#wrongState();
    const read = readBrowserMedia(sdp, 'answer');
    if (!read.ok) return read;
    if (!legs.browser.takeAnswer(read.value)) return noCommonCodec(read.value.codecs);
    this.#path.connect(legs, read.value, true);
    const refusesVideo = this.video.agreement.answeredByBrowser(legs, read.value.video);
    this.#gate.answered();
    this.#apply(legs);
    return ok(refusesVideo ? { refusesVideo } : {});
  }

  addCandidates(candidates: readonly string[]): void {
    this.#path.addCandidates(this.#legs, candidates);
  }

  restartAccess(sdp: string): Taken<{ accessAnswer: string }> {
    const legs = this.#gate.isAwaiting ? undefined : this.#legs;
    const answered = legs && this.#path.restart(legs, sdp);
    if (legs && answered?.ok) this.#apply(legs);
    return answered ?? this.#wrongState();
  }

  takeImsAnswer(sdp: string): Taken<BrowserNews> {
    const legs = this.#legs;
    if (!legs) return this.#wrongState();
    if (sdp === this.#lastImsAnswer) return ok({});
    const read = readImsMedia(sdp, this.#deps.reading);
    if (!read.ok) return read;
    const voice = legs.ims.takeAnswer(read.value);
    if (!voice.ok) return voice;
    this.#lastImsAnswer = sdp;
    connectIms(legs, read.value, this.#options);
    const isNews = this.video.agreement.answeredByIms(legs, read.value.video);
    return ok(this.#follow(legs, voice.value, { isVideoNews: isNews }));
  }

  imsAnswer(): Taken<string> {
    const legs = this.#legs;
    const first = legs?.browser.sendsFirst;
    if (!(legs && first) || this.#gate.isAwaiting) return this.#wrongState();
    if (this.#settled !== undefined) return ok(this.#settled);
    const { browser, ims } = legs;
    const offer = ims.pendingOffer;
    const { remote } = browser.codecs;
    const asSent = this.#voice.choose(offer?.codecs, offer ? [first] : remote);
    // The offer may be another than the browser answered.
    const voice = asSent.ok ? asSent : this.#voice.choose(offer?.codecs, remote);
    if (!voice.ok) return voice;
    if (!offer) return ok(ims.offer(withEvents(voice.value.ims), browser.direction));
    this.video.agreement.settle(legs, offer);
    const answer = ims.answer(offer, voice.value.first, browser.direction);
    if (!asSent.ok) this.#owed = { voice: voice.value.first, isVideoNews: false };
    connectIms(legs, offer, this.#options);
    this.video.agreement.settled(legs, offer);
    this.#apply(legs);
    return ok(answer);
  }

  takeImsReoffer(sdp: string | undefined): Taken<ImsAnswered> {
    const answered = this.#answerAgain(sdp);
    return answered.ok ? ok({ ...answered.value, ...this.#followOwed() }) : answered;
  }

  takeEarlyOffer(sdp: string, { isTold }: { readonly isTold: boolean }): Taken<ImsAnswered> {
    const answered = isTold ? this.#answerAgain(sdp) : this.takeImsReoffer(sdp);
    if (answered.ok) this.#settled = answered.value.imsAnswer;
    if (answered.ok && this.#legs) this.#apply(this.#legs);
    return answered;
  }

  renewImsOffer(sdp: string): void {
    const read = readImsMedia(sdp, this.#deps.reading);
    if (read.ok && this.#settled === undefined) this.#legs?.ims.takeOffer(read.value);
  }

  owedReoffer(): BrowserNews {
    return this.#followOwed(true);
  }

  #followOwed(mayBridge = false): BrowserNews {
    const owed = this.#owed;
    this.#owed = undefined;
    if (!(this.#legs && owed)) return {};
    return this.#follow(this.#legs, [owed.voice], { ...owed, mayBridge });
  }

  #answerAgain(sdp: string | undefined): Taken<{ imsAnswer: string }> {
    const legs = this.#legs;
    if (!legs) return this.#wrongState();
    const { browser, ims } = legs;
    this.#lastImsAnswer = undefined;
    const read = sdp === undefined ? ok(undefined) : readImsMedia(sdp, this.#deps.reading);
    if (!read.ok) return read;
    const offer = read.value;
    const can = this.#voice.browserCan(browser.codecs.remote, this.#settled !== undefined);
    const shared = this.#voice.choose(offer?.codecs, can);
    if (!shared.ok) return shared;
    const ours = withEvents(shared.value.ims);
    if (!offer) return ok({ imsAnswer: ims.offer(ours, browser.direction) });
    const voice = ims.choose(shared.value.ims) ?? shared.value.first;
    this.video.agreement.choose(legs, offer);
    const imsAnswer = ims.answer(offer, voice, browser.direction);
    connectIms(legs, offer, this.#options);
    this.#owed = { voice, isVideoNews: this.video.agreement.reofferedByIms(legs, offer) };
    return ok({ imsAnswer });
  }

  offerIms({ isHeld }: { readonly isHeld: boolean }): Taken<string> {
    const legs = this.#legs;
    if (!legs) return this.#wrongState();
    this.#lastImsAnswer = undefined;
    legs.ims.hold(isHeld);
    return ok(legs.ims.reoffer(legs.browser.direction));
  }

  isHeldByIms(): boolean {
    return this.#legs?.ims.receives === false;
  }

  setGate(gate: Gate): void {
    this.#gate.want(gate, this.#legs);
  }

  stats(): MediaStats {
    return this.#legs ? this.#voice.statsOf(this.#legs.call) : NO_MEDIA;
  }

  codecs(): CodecsOfLegs {
    return codecsOf(this.#legs);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#voice.release();
    this.video.agreement.release();
    await this.#legs?.call.close();
  }

  async #open(): Promise<Taken<Legs>> {
    const { plane, onEvent, reading } = this.#deps;
    if (isUnmeetable(reading.terms)) return err(new IwfError('sdp.no-common-security', {}));
    const mayOpen = !(this.#legs || this.#isClosed);
    if (!mayOpen) return this.#wrongState();
    const call = await plane.open(callId(this.#options.callId), onEvent);
    // `close` may have come while the ports were being opened.
    if (this.#isClosed) {
      await call.close();
      return this.#wrongState();
    }
    this.#legs = createLegs(call, this.#deps, reading.terms);
    this.#gate.apply(this.#legs);
    return ok(this.#legs);
  }

  /**
   * The browser is to send what IMS named first, or what that is made of; a re-offer where it would
   * send another.
   */
  #follow(
    legs: Legs,
    voice: readonly CodecWithPayload[],
    { isVideoNews, mayBridge = false }: { isVideoNews: boolean; mayBridge?: boolean },
  ): BrowserNews {
    const { browser } = legs;
    const can = this.#voice.browserCan(browser.codecs.remote, this.#settled !== undefined);
    const codecs = this.#voice.toFollow(voice, can, browser.sendsFirst);
    const isBridged = codecs !== undefined && mayBridge && this.#voice.bridge(legs.call, legs);
    if (codecs) this.#gate.awaitBrowser(isBridged);
    const offer = codecs && browser.offer(codecs, 'sendrecv');
    if (isBridged) this.#gate.apply(legs);
    else this.#apply(legs);
    if (offer !== undefined) return { reoffer: offer, ...(isBridged && { voiceGoesOn: true }) };
    return isVideoNews ? { reoffer: browser.reoffer(), voiceGoesOn: true } : {};
  }

  #apply(legs: Legs): void {
    this.#voice.apply(legs.call, legs);
    this.#gate.apply(legs);
  }

  #wrongState(): { readonly ok: false; readonly error: IwfError } {
    const state = this.#isClosed ? 'media-closed' : 'media-negotiating';
    return err(new IwfError('call.wrong-state', { callId: this.#options.callId, state }));
  }
}

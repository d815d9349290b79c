import { callId } from '@isthmus/shared/domain/ids';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import { err, ok, type Result } from '@isthmus/shared/result';
import { NO_TRAFFIC } from '../../core/media/no-traffic.ts';
import type { AddressPolicy } from '../../core/sdp/address-policy.ts';
import { isAgreed, noCommonCodec } from '../../core/sdp/agreement.ts';
import { BrowserLeg } from '../../core/sdp/browser-leg.ts';
import { type BrowserMedia, readBrowserMedia } from '../../core/sdp/browser-reading.ts';
import {
  type CodecWithPayload,
  commonCodecs,
  voiceCodecs,
  voiceOf,
  withEvents,
  withTheirEvents,
} from '../../core/sdp/codecs.ts';
import { heldGate } from '../../core/sdp/held-gate.ts';
import { ImsLeg } from '../../core/sdp/ims-leg.ts';
import { type ImsMedia, readImsMedia } from '../../core/sdp/ims-reading.ts';
import { streamRewrite } from '../../core/sdp/stream-rewrite.ts';
import type { CallMedia, CallMediaOptions } from '../../ports/call-media.ts';
import type {
  Gate,
  MediaCall,
  MediaEvent,
  MediaPlane,
  MediaStats,
} from '../../ports/media-plane.ts';

export interface CallMediaDeps {
  readonly plane: MediaPlane;
  readonly mayReach: AddressPolicy;
  /** Numeric, for the `o=` lines. */
  readonly newSessionId: () => string;
  readonly newCname: () => string;
  readonly onEvent: (event: MediaEvent) => void;
}

interface Legs {
  readonly call: MediaCall;
  readonly browser: BrowserLeg;
  readonly ims: ImsLeg;
}

type Taken<T> = Result<T, IwfError>;

/** SDP of both sides and the one media call between them. */
export class InterworkedCallMedia implements CallMedia {
  readonly #deps: CallMediaDeps;
  readonly #options: CallMediaOptions;
  /** What we may offer, numbered by us, in the tenant's order. */
  readonly #allowed: readonly CodecWithPayload[];
  #legs: Legs | undefined;
  #isClosed = false;
  #gate: Gate = { toIms: false, toBrowser: false };
  #early: string[] = [];
  /** A description of ours the browser has still to answer. */
  #awaitsBrowser = false;
  #lastImsAnswer: string | undefined;
  /** What IMS was told before the browser had answered. */
  #settled: string | undefined;

  constructor(deps: CallMediaDeps, options: CallMediaOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#allowed = voiceCodecs(options.codecs);
  }

  async takeBrowserOffer(sdp: string): Promise<Taken<{ accessAnswer: string; imsOffer: string }>> {
    const read = readBrowserMedia(sdp, 'offer');
    if (!read.ok) return read;
    const offer = read.value;
    const voice = this.#allowed.flatMap((own) => commonCodecs(offer.codecs, [own]).slice(0, 1));
    if (voice.length === 0) return noCommonCodec(offer.codecs);
    const legs = await this.#open();
    if (!legs) return this.#wrongState();
    const codecs = withTheirEvents(voice, offer.codecs);
    const accessAnswer = legs.browser.answer(offer, codecs, 'sendrecv');
    const imsOffer = legs.ims.offer(
      withEvents(commonCodecs(this.#allowed, voice)),
      offer.direction,
    );
    this.#connectAccess(legs, offer, false);
    return ok({ accessAnswer, imsOffer });
  }

  async takeImsOffer(sdp: string | undefined): Promise<Taken<{ accessOffer: string }>> {
    const read = sdp === undefined ? ok(undefined) : readImsMedia(sdp, this.#deps.mayReach);
    if (!read.ok) return read;
    const offer = read.value;
    const voice = offer ? this.#sharedVoice(offer) : this.#allowed;
    if (voice.length === 0) return noCommonCodec(offer?.codecs ?? []);
    const legs = await this.#open();
    if (!legs) return this.#wrongState();
    if (offer) legs.ims.takeOffer(offer);
    this.#awaitsBrowser = true;
    // Toward the browser the numbers are ours; IMS's own may be anything.
    const ours = voice.flatMap((it) => commonCodecs(this.#allowed, [it]));
    return ok({ accessOffer: legs.browser.offer(withEvents(ours), 'sendrecv') });
  }

  async answerImsOffer(
    sdp: string | undefined,
  ): Promise<Taken<{ accessOffer: string; imsAnswer: string }>> {
    const taken = await this.takeImsOffer(sdp);
    if (!taken.ok) return taken;
    const legs = this.#legs;
    if (!legs) return this.#wrongState();
    const { browser, ims, call } = legs;
    const offer = ims.pendingOffer;
    if (!offer) {
      const imsAnswer = ims.offer(withEvents(this.#allowed), 'sendrecv');
      this.#settled = imsAnswer;
      return ok({ ...taken.value, imsAnswer });
    }
    const [voice] = this.#sharedVoice(offer);
    if (!voice) return noCommonCodec(offer.codecs);
    const imsAnswer = ims.answer(offer, voice, 'sendrecv');
    this.#settled = imsAnswer;
    this.#connectIms(call, offer);
    const ours = withEvents(commonCodecs(this.#allowed, [voice]));
    return ok({ accessOffer: browser.offer(ours, 'sendrecv'), imsAnswer });
  }

  takeBrowserAnswer(sdp: string): Taken<undefined> {
    const legs = this.#legs;
    if (!legs) return this.#wrongState();
    const read = readBrowserMedia(sdp, 'answer');
    if (!read.ok) return read;
    if (!legs.browser.takeAnswer(read.value)) return noCommonCodec(read.value.codecs);
    this.#connectAccess(legs, read.value, true);
    this.#awaitsBrowser = false;
    this.#apply(legs);
    return ok(undefined);
  }

  addCandidates(candidates: readonly string[]): void {
    if (this.#legs) this.#legs.call.addCandidates(candidates);
    else this.#early = [...this.#early, ...candidates].slice(0, MAX_EARLY_CANDIDATES);
  }

  takeImsAnswer(sdp: string): Taken<{ reoffer?: string }> {
    const legs = this.#legs;
    if (!legs) return this.#wrongState();
    if (sdp === this.#lastImsAnswer) return ok({});
    const read = readImsMedia(sdp, this.#deps.mayReach);
    if (!read.ok) return read;
    const voice = legs.ims.takeAnswer(read.value);
    if (voice.length === 0) return noCommonCodec(read.value.codecs);
    this.#lastImsAnswer = sdp;
    this.#connectIms(legs.call, read.value);
    return ok(this.#follow(legs, voice));
  }

  imsAnswer(): Taken<string> {
    const legs = this.#legs;
    const first = legs?.browser.sendsFirst;
    if (!(legs && first) || this.#awaitsBrowser) return this.#wrongState();
    if (this.#settled !== undefined) return ok(this.#settled);
    const { browser, ims } = legs;
    const offer = ims.pendingOffer;
    if (!offer) {
      const ours = commonCodecs(this.#allowed, voiceOf(browser.codecs.remote));
      return ok(ims.offer(withEvents(ours), browser.direction));
    }
    const [voice] = commonCodecs(offer.codecs, [first]);
    if (!voice) return noCommonCodec(offer.codecs);
    const answer = ims.answer(offer, voice, browser.direction);
    this.#connectIms(legs.call, offer);
    this.#apply(legs);
    return ok(answer);
  }

  takeImsReoffer(sdp: string | undefined): Taken<{ imsAnswer: string; reoffer?: string }> {
    const legs = this.#legs;
    if (!legs) return this.#wrongState();
    const { browser, ims, call } = legs;
    this.#lastImsAnswer = undefined;
    if (sdp === undefined) {
      const ours = commonCodecs(this.#allowed, voiceOf(browser.codecs.remote));
      return ok({ imsAnswer: ims.offer(withEvents(ours), browser.direction) });
    }
    const read = readImsMedia(sdp, this.#deps.mayReach);
    if (!read.ok) return read;
    const offer = read.value;
    const shared = commonCodecs(this.#sharedVoice(offer), browser.codecs.remote);
    const voice = ims.choose(shared);
    if (!voice) return noCommonCodec(offer.codecs);
    const imsAnswer = ims.answer(offer, voice, browser.direction);
    this.#connectIms(call, offer);
    return ok({ imsAnswer, ...this.#follow(legs, [voice]) });
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
    this.#gate = gate;
    if (this.#legs) this.#applyGate(this.#legs);
  }

  stats(): MediaStats {
    const none = { access: NO_TRAFFIC, ims: NO_TRAFFIC, candidatesRefused: 0 };
    return this.#legs?.call.stats() ?? none;
  }

  codec(): string | undefined {
    return this.#legs?.ims.codecs.remote[0]?.name;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#legs?.call.close();
  }

  /** `undefined`: closed meanwhile, or a second offer where one has been taken. */
  async #open(): Promise<Legs | undefined> {
    if (this.#legs || this.#isClosed) return undefined;
    const { plane, onEvent, newSessionId, newCname } = this.#deps;
    const call = await plane.open(callId(this.#options.callId), onEvent);
    // `close` may have come while the ports were being opened.
    if (this.#hasClosed()) {
      await call.close();
      return undefined;
    }
    const { access, ssrcToBrowser: ssrc, ims: local } = call;
    const browserSide = { sessionId: newSessionId(), access, ssrc, cname: newCname() };
    this.#legs = {
      call,
      browser: new BrowserLeg(browserSide),
      ims: new ImsLeg({ sessionId: newSessionId(), local }),
    };
    this.#applyGate(this.#legs);
    return this.#legs;
  }

  #hasClosed(): boolean {
    return this.#isClosed;
  }

  #connectAccess({ call }: Legs, media: BrowserMedia, weControl: boolean): void {
    const { usernameFragment, password, fingerprint } = media;
    call.addCandidates([...media.candidates, ...this.#early.splice(0)]);
    call.connectAccess({ usernameFragment, password, fingerprint, weControl });
  }

  #connectIms(call: MediaCall, { remote }: ImsMedia): void {
    const { learnsSource = false } = this.#options;
    if (remote) call.connectIms(learnsSource ? { ...remote, learnsSource } : remote);
  }

  #sharedVoice(offer: ImsMedia): readonly CodecWithPayload[] {
    return voiceOf(commonCodecs(offer.codecs, this.#allowed));
  }

  /** The browser is to send what IMS named first; a re-offer where it would send another. */
  #follow(legs: Legs, voice: readonly CodecWithPayload[]): { reoffer?: string } {
    const { browser } = legs;
    const [wanted] = voice;
    if (isAgreed(wanted, browser.sendsFirst)) {
      this.#apply(legs);
      return {};
    }
    // Before its first answer a browser can what we offered it.
    const remote =
      browser.codecs.remote.length > 0 ? browser.codecs.remote : withEvents(this.#allowed);
    const theirs = voice.flatMap((it) => commonCodecs(remote, [it]));
    const reoffer = browser.offer(withTheirEvents(theirs, remote), 'sendrecv');
    this.#awaitsBrowser = true;
    this.#apply(legs);
    return { reoffer };
  }

  #apply(legs: Legs): void {
    legs.call.setRewrite(streamRewrite(legs.browser.codecs, legs.ims.codecs));
    this.#applyGate(legs);
  }

  #applyGate({ call, ims }: Legs): void {
    const gate = heldGate(this.#gate, ims);
    call.setGate({ ...gate, toIms: gate.toIms && !this.#awaitsBrowser });
  }

  #wrongState(): { readonly ok: false; readonly error: IwfError } {
    const state = this.#isClosed ? 'media-closed' : 'media-negotiating';
    return err(new IwfError('call.wrong-state', { callId: this.#options.callId, state }));
  }
}

/** As many as one call may have in all. */
const MAX_EARLY_CANDIDATES = 64;

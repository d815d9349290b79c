import type { IwfError } from '@isthmus/shared/errors/iwf-error';
import type { Result } from '@isthmus/shared/result';
import type { VideoWish } from '@isthmus/shared/wire/video';
import type { CodecsOfLegs, VideoCarried } from '../core/quality/leg-numbers.ts';
import type { ImsTerms } from '../core/sdp/ims-terms.ts';
import type { Gate, MediaEvent } from './media-plane.ts';
import type { MediaStats } from './media-stats.ts';

/** The reason why not where it is not taken. */
export type Taken<T> = Result<T, IwfError>;

/** What the browser is to be offered anew, if anything. */
export interface BrowserNews {
  readonly reoffer?: string;
  /** The voice need not wait for the answer: it stays as it is, or is transcoded until then. */
  readonly voiceGoesOn?: true;
}

export interface ImsAnswered extends BrowserNews {
  readonly imsAnswer: string;
}

/** Which pictures pass, by what is agreed with IMS. */
export interface VideoView {
  readonly ours: boolean;
  readonly theirs: boolean;
}

/** Video of a call that is on, or that comes and goes while it is. */
export interface CallVideo {
  readonly view: VideoView;
  /** The first offer of the browser asked that its user be seen. */
  readonly isAsked: boolean;
  /** True where IMS is to be offered what our user wants now; false where it is so or cannot be. */
  want(wish: VideoWish): Promise<boolean>;
  /** An incoming call is taken with the camera off. */
  watchOnly(): void;
  /**
   * After `imsAnswer`: what our user wants of video that had to be refused before he was asked, to be
   * wanted once IMS has acknowledged.
   */
  owedWish(): VideoWish | undefined;
  /** Where an offer of IMS brings video that is new; to be awaited before the offer is taken. */
  makeRoom(offer: string | undefined): Promise<void> | undefined;
  /** IMS refused our offer: what it would have brought is not there. */
  revert(): BrowserNews;
  /** So far; `undefined` where no picture could ever pass. */
  carried(): VideoCarried | undefined;
}

/**
 * The media of one call with one device: SDP interworking (RFC 3264, pure) over a `MediaCall`.
 * A refused description is a value and changes nothing; the call goes on as it was.
 */
export interface CallMedia {
  readonly video: CallVideo;
  /** Outgoing call: the browser offers. ICE and DTLS start; IMS is offered what both can. */
  takeBrowserOffer(sdp: string): Promise<Taken<{ accessAnswer: string; imsOffer: string }>>;
  /** Incoming call: IMS offers, or leaves the offer to us (`undefined`, RFC 3261 §13.2.1). */
  takeImsOffer(sdp: string | undefined): Promise<Taken<{ accessOffer: string }>>;
  /**
   * The same, answered to IMS before the browser has said anything: the codec is settled, and the
   * browser is offered nothing else. Offerless, `imsAnswer` is our offer.
   */
  answerImsOffer(
    sdp: string | undefined,
  ): Promise<Taken<{ accessOffer: string; imsAnswer: string }>>;
  /**
   * The browser's answer to our offer or re-offer. Starts ICE and DTLS where they do not run.
   * `refusesVideo`: it takes none of the video that IMS has.
   */
  takeBrowserAnswer(sdp: string): Taken<{ refusesVideo?: true }>;
  /**
   * The browser offers to restart ICE: the same media over another way, of which IMS learns nothing.
   * Refused while the browser owes an answer to an offer of ours.
   */
  restartAccess(sdp: string): Taken<{ accessAnswer: string }>;
  /** Trickled candidates; before the remote parameters are known they are kept. */
  addCandidates(candidates: readonly string[]): void;
  /**
   * IMS's answer, provisional or final; the same SDP again changes nothing. `reoffer` is present when
   * IMS picked another codec than the browser sends first: the browser must be re-offered on the warm
   * transport and the gate toward IMS stays shut until it has answered.
   */
  takeImsAnswer(sdp: string): Taken<BrowserNews>;
  /** Our answer (or, offerless, our offer) for the 200 to IMS; needs the browser's answer. */
  imsAnswer(): Taken<string>;
  /** The answer in the ACK of an offerless INVITE comes by `takeImsAnswer`. */
  takeImsReoffer(sdp: string | undefined): Taken<ImsAnswered>;
  /**
   * A new offer before the answer to IMS. `isTold`: the browser has an offer of ours to answer first,
   * so that what it would have to follow waits in `owedReoffer`; else `reoffer` replaces that offer.
   */
  takeEarlyOffer(sdp: string, options: { readonly isTold: boolean }): Taken<ImsAnswered>;
  /** Another device answered this one for us; should this one win, it answers that, too. */
  renewImsOffer(sdp: string): void;
  /** After `imsAnswer`: what the browser is to be re-offered, once. */
  owedReoffer(): BrowserNews;
  /** A new offer to IMS of what is agreed, held by our side or not; its answer: `takeImsAnswer`. */
  offerIms(options: { readonly isHeld: boolean }): Taken<string>;
  /** IMS takes no media now: it holds the call. */
  isHeldByIms(): boolean;
  setGate(gate: Gate): void;
  stats(): MediaStats;
  /** What is spoken on each leg; absent before it is agreed. */
  codecs(): CodecsOfLegs;
  close(): Promise<void>;
}

export interface CallMediaOptions {
  readonly callId: string;
  /** Names allowed toward IMS, in order of preference (`TenantItem.codecs`). */
  readonly codecs: readonly string[];
  /** How media is spoken with IMS; plain RTP on two ports where absent. */
  readonly terms?: ImsTerms;
  /** Keys of the browser are told (`digit`) and not sent on as RTP. */
  readonly digitsByInfo?: boolean;
  /** `ImsAccess.learnRtpSource`. */
  readonly learnsSource?: boolean | undefined;
}

export interface CallMediaFactory {
  create(options: CallMediaOptions, onEvent: (event: MediaEvent) => void): CallMedia;
}

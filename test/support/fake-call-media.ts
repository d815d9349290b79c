import { IwfError } from '@isthmus/shared/errors/iwf-error';
import type { Result } from '@isthmus/shared/result';
import type { VideoWish } from '@isthmus/shared/wire/video';
import { NO_MEDIA } from '../../media-node/src/core/media/no-traffic.ts';
import type { VideoCarried } from '../../media-node/src/core/quality/leg-numbers.ts';
import type {
  BrowserNews,
  CallMedia,
  CallMediaFactory,
  CallVideo,
  VideoView,
} from '../../media-node/src/ports/call-media.ts';
import type { Gate, MediaEvent } from '../../media-node/src/ports/media-plane.ts';
import type { MediaStats } from '../../media-node/src/ports/media-stats.ts';

const DARK: VideoView = { ours: false, theirs: false };

/** Agrees to whatever is wanted, but for a wish that is the one before. */
export class FakeCallVideo implements CallVideo {
  readonly wishes: VideoWish[] = [];
  view = DARK;
  isAsked = false;
  isWatchOnly = false;
  isReverted = false;
  /** What its user wants of video that was refused before he was asked. */
  owes: VideoWish | undefined;
  /** What it says it has carried. */
  hasCarried: VideoCarried | undefined;

  want(wish: VideoWish): Promise<boolean> {
    const isNews = this.wishes.at(-1) !== wish;
    this.wishes.push(wish);
    this.view = { ours: wish === 'sendrecv', theirs: wish !== 'none' };
    return Promise.resolve(isNews);
  }
  watchOnly(): void {
    this.isWatchOnly = true;
  }
  owedWish(): VideoWish | undefined {
    return this.owes;
  }
  makeRoom(): undefined {
    return undefined;
  }
  revert(): BrowserNews {
    this.isReverted = true;
    this.view = DARK;
    return {};
  }
  carried(): VideoCarried | undefined {
    return this.hasCarried;
  }
}

/** Media without packets: takes every description but `bad`, and remembers what it was told. */
export class FakeCallMedia implements CallMedia {
  readonly video = new FakeCallVideo();
  readonly candidates: string[] = [];
  readonly gates: Gate[] = [];
  readonly renewed: string[] = [];
  readonly restarts: string[] = [];
  readonly emit: (event: MediaEvent) => void;
  isClosed = false;
  /** What it says it has carried. */
  carried: MediaStats = NO_MEDIA;
  #browserAnswered = false;
  #hasBrowser = false;
  #isHeld = false;
  #owes = false;

  constructor(emit: (event: MediaEvent) => void) {
    this.emit = emit;
  }

  takeBrowserOffer(
    sdp: string,
  ): Promise<Result<{ accessAnswer: string; imsOffer: string }, IwfError>> {
    this.#hasBrowser = true;
    return Promise.resolve(
      checked(sdp, { accessAnswer: `answer to ${sdp}`, imsOffer: `ims offer for ${sdp}` }),
    );
  }
  takeImsOffer(sdp: string | undefined): Promise<Result<{ accessOffer: string }, IwfError>> {
    return Promise.resolve(checked(sdp ?? '', { accessOffer: `offer for ${sdp ?? 'anything'}` }));
  }
  answerImsOffer(
    sdp: string | undefined,
  ): Promise<Result<{ accessOffer: string; imsAnswer: string }, IwfError>> {
    const accessOffer = `offer for ${sdp ?? 'anything'}`;
    return Promise.resolve(checked(sdp ?? '', { accessOffer, imsAnswer: 'early ims answer' }));
  }
  takeBrowserAnswer(sdp: string): Result<{ refusesVideo?: true }, IwfError> {
    const taken = checked(sdp, {});
    if (taken.ok) this.#browserAnswered = true;
    return taken;
  }
  addCandidates(candidates: readonly string[]): void {
    this.candidates.push(...candidates);
  }
  restartAccess(sdp: string): Result<{ accessAnswer: string }, IwfError> {
    this.restarts.push(sdp);
    return checked(sdp, { accessAnswer: `answer to ${sdp}` });
  }
  takeImsAnswer(sdp: string): Result<{ reoffer?: string }, IwfError> {
    this.#isHeld = sdp === 'sendonly';
    return checked(sdp, sdp === 'other codec' ? { reoffer: 're-offer' } : {});
  }
  imsAnswer(): Result<string, IwfError> {
    if (this.#browserAnswered || this.#hasBrowser) return { ok: true, value: 'ims answer' };
    return {
      ok: false,
      error: new IwfError('call.wrong-state', { callId: '', state: 'alerting' }),
    };
  }
  takeImsReoffer(
    sdp: string | undefined,
  ): Result<{ imsAnswer: string; reoffer?: string }, IwfError> {
    this.#isHeld = sdp === 'sendonly';
    return checked(sdp ?? '', { imsAnswer: 'ims re-answer' });
  }
  takeEarlyOffer(
    sdp: string,
    { isTold }: { readonly isTold: boolean },
  ): Result<{ imsAnswer: string; reoffer?: string }, IwfError> {
    const isOther = sdp === 'other codec';
    this.#owes = isOther && isTold;
    const reoffer = isOther && !isTold ? { reoffer: 're-offer' } : {};
    this.#isHeld = sdp === 'sendonly';
    return checked(sdp, { imsAnswer: 'early ims re-answer', ...reoffer });
  }
  renewImsOffer(sdp: string): void {
    this.renewed.push(sdp);
  }
  owedReoffer(): { reoffer?: string } {
    return this.#owes ? { reoffer: 're-offer' } : {};
  }
  offerIms({ isHeld }: { readonly isHeld: boolean }): Result<string, IwfError> {
    return { ok: true, value: isHeld ? 'ims hold offer' : 'ims resume offer' };
  }
  isHeldByIms(): boolean {
    return this.#isHeld;
  }
  setGate(gate: Gate): void {
    this.gates.push(gate);
  }
  stats(): MediaStats {
    return this.carried;
  }
  codecs(): { access: string; ims: string } {
    return { access: 'PCMA', ims: 'PCMA' };
  }
  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }
}

function checked<T>(sdp: string, value: T): Result<T, IwfError> {
  if (sdp !== 'bad') return { ok: true, value };
  return { ok: false, error: new IwfError('sdp.malformed', { reason: 'bad' }) };
}

export class FakeCallMediaFactory implements CallMediaFactory {
  readonly made: FakeCallMedia[] = [];

  create(_: unknown, onEvent: (event: MediaEvent) => void): CallMedia {
    const media = new FakeCallMedia(onEvent);
    this.made.push(media);
    return media;
  }
}

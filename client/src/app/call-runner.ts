import type { Event } from '@isthmus/shared/wire/events';
import {
  type CallEffect,
  type CallEnd,
  type CallEvent,
  type CallState,
  dialling,
  heldIn,
  INCOMING,
  isKnownToNode,
  stepCall,
} from '../core/call-machine.ts';
import { createEmitter } from '../core/emitter.ts';
import type { Held } from '../core/holding.ts';
import { asPhoneError, PhoneError } from '../core/phone-error.ts';
import type { Quality } from '../core/quality.ts';
import type { RemoteAudio } from '../ports/peer-connection.ts';
import type {
  AnswerOptions,
  Call,
  CallEvents,
  CallPhase,
  CallVideo,
  Party,
  ResumeOptions,
  Transfer,
} from './call.ts';
import { callEventOf, phaseOf } from './call-events.ts';
import { type CallParts, createCallParts } from './call-parts.ts';
import type { CallRunner, CallRunnerDeps, CallSetUp } from './call-set-up.ts';

type Performer = {
  readonly [Kind in CallEffect['kind']]: (effect: CallEffect & { readonly kind: Kind }) => void;
};

export const createCallRunner = (deps: CallRunnerDeps, setUp: CallSetUp): CallRunner =>
  new RunningCall(deps, setUp);

/** Carries out what the call machine decides, and is the call its user holds. */
class RunningCall implements CallRunner, Call {
  readonly #deps: CallRunnerDeps;
  readonly #setUp: CallSetUp;
  readonly #emitter = createEmitter<CallEvents>();
  readonly #parts: CallParts;
  #state: CallState;
  #muted = false;
  #answersWithCamera = false;
  readonly id: string;
  readonly on = this.#emitter.on;

  constructor(deps: CallRunnerDeps, setUp: CallSetUp) {
    this.#deps = deps;
    this.#setUp = setUp;
    this.id = setUp.callId;
    this.#state = setUp.direction === 'incoming' ? INCOMING : dialling(setUp.dialled);
    this.#parts = createCallParts(deps, setUp, {
      dispatch: (event) => {
        this.#dispatch(event);
      },
      tell: this.#emitter.emit,
      held: () => this.held,
      isActive: () => this.#state.kind === 'active',
      isKnown: () => isKnownToNode(this.#state),
    });
  }

  get call(): Call {
    return this;
  }

  get direction(): Call['direction'] {
    return this.#setUp.direction;
  }

  get remote(): Party {
    return this.#parts.transfers.remote;
  }

  get referredBy(): string | undefined {
    return this.#parts.transfers.referredBy;
  }

  get transferring(): Transfer | undefined {
    return this.#parts.transfers.transfer;
  }

  get phase(): CallPhase {
    return phaseOf(this.#state);
  }

  get end(): CallEnd | undefined {
    return this.#state.kind === 'ended' ? this.#state.end : undefined;
  }

  get quality(): Quality | undefined {
    return this.#parts.watch.quality;
  }

  get held(): Held {
    return heldIn(this.#state);
  }

  get reconnecting(): boolean {
    return this.#parts.path.isReconnecting;
  }

  get muted(): boolean {
    return this.#muted;
  }

  get video(): CallVideo {
    return this.#parts.pictures.view;
  }

  begin(): void {
    if (this.#setUp.direction === 'outgoing') {
      this.#deps.takeFloor(this);
      const { audio, pictures } = this.#parts;
      const offered = this.#setUp.video
        ? pictures.offer().then(() => audio.offer())
        : audio.offer();
      this.#whenDone(offered, (sdp) => ({ kind: 'offer-made', sdp }));
      return;
    }
    this.#deps.tones.play('ringing');
    const answered = this.#parts.audio.answer(this.#setUp.sdp);
    this.#whenDone(answered, (sdp) => ({ kind: 'answer-made', sdp }));
  }

  take(event: Event): void {
    this.#parts.transfers.take(event);
    this.#parts.path.take(event);
    if (event.event === 'call.video') this.#parts.pictures.take(event);
    if (event.event === 'call.dtmf') {
      const { digit, durationMs } = event;
      this.#emitter.emit('digit', { digit, durationMs });
    }
    const known = callEventOf(event);
    if (known) this.#dispatch(known);
  }

  accept({ video = false }: AnswerOptions = {}): void {
    this.#deps.takeFloor(this);
    this.#answersWithCamera = video;
    this.#dispatch({ kind: 'accept-asked' });
  }

  decline(): void {
    this.#dispatch({ kind: 'decline-asked', reason: 'declined' });
  }

  declineAsBusy(): void {
    this.#dispatch({ kind: 'decline-asked', reason: 'busy' });
  }

  get sound(): RemoteAudio | undefined {
    return this.#parts.audio.remote;
  }

  mix(others: readonly CallRunner[]): void {
    this.#parts.audio.mix(others.flatMap(({ sound }) => sound ?? [])).catch((thrown: unknown) => {
      this.#emitter.emit('error', asPhoneError(thrown, 'call.media'));
    });
  }

  hold(): void {
    this.#dispatch({ kind: 'hold-asked' });
  }

  resume({ keepOthers = false }: ResumeOptions = {}): void {
    if (!keepOthers) this.#deps.takeFloor(this);
    this.#dispatch({ kind: 'resume-asked' });
  }

  transfer(target: string): void {
    if (this.#state.kind === 'active') this.#parts.transfers.to(target);
  }

  transferTo(other: Call): void {
    if (this.#state.kind === 'active') this.#parts.transfers.toCall(other);
  }

  hangUp(): void {
    this.#dispatch({ kind: 'hang-up-asked' });
  }

  lose(): void {
    this.#dispatch({ kind: 'session-lost' });
  }

  mute(on: boolean): void {
    this.#muted = on;
    this.#parts.audio.mute(on);
  }

  setCamera(on: boolean): void {
    this.#parts.pictures.set(on);
  }

  endVideo(): void {
    this.#parts.pictures.end();
  }

  sendDtmf(digits: string): boolean {
    return this.#state.kind === 'active' && this.#parts.audio.sendDtmf(digits);
  }

  #dispatch(event: CallEvent): void {
    const before = this.phase;
    const step = stepCall(this.#state, event);
    this.#state = step.state;
    for (const effect of step.effects) {
      (this.#performer[effect.kind] as (effect: CallEffect) => void)(effect);
    }
    const { phase } = this;
    if (phase === before) return;
    if (phase === 'active') {
      this.#parts.watch.start();
      this.#parts.pictures.begun();
    }
    this.#emitter.emit('phase', phase);
  }

  /** What the browser refuses to do ends the call with its reason. */
  #whenDone<T>(work: Promise<T>, outcome: (result: T) => CallEvent): void {
    work
      .then((result) => {
        this.#dispatch(outcome(result));
      })
      .catch((thrown: unknown) => {
        this.#refuseMedia(thrown);
      });
  }

  #refuseMedia(thrown: unknown): void {
    this.#dispatch({ kind: 'media-refused', error: asPhoneError(thrown, 'call.media') });
  }

  /** The camera first, so that the answer can say whether it is on. */
  async #join(): Promise<void> {
    if (this.#answersWithCamera) await this.#parts.pictures.open();
    await this.#parts.audio.join();
  }

  readonly #performer: Performer = {
    'show-held': ({ held }) => {
      this.#parts.audio.hold(held);
      this.#parts.pictures.hold(held);
      if (!held.byThem || held.byUs) this.#deps.tones.play('none');
      this.#emitter.emit('held', held);
    },
    send: ({ command }) => {
      this.#parts.commands.send(command);
    },
    'take-answer': ({ sdp }) => {
      this.#parts.audio.takeAnswer(sdp).catch((thrown: unknown) => {
        this.#refuseMedia(thrown);
      });
    },
    'make-answer': ({ sdp, offerId }) => {
      this.#whenDone(this.#parts.audio.answer(sdp), (answer) => ({
        kind: 'answer-made',
        sdp: answer,
        offerId,
      }));
    },
    'join-microphone': () => {
      this.#whenDone(this.#join(), () => ({
        kind: 'microphone-joined',
        ...this.#parts.pictures.answer,
      }));
    },
    play: ({ tone }) => {
      this.#deps.tones.play(tone);
    },
    'close-media': () => {
      this.#parts.watch.stop();
      this.#parts.path.close();
      this.#parts.pictures.stop();
      this.#parts.audio.close();
    },
    alert: ({ error }) => {
      this.#emitter.emit('error', new PhoneError(error));
    },
  };
}

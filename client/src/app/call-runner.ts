import type { AnswerOf } from '@isthmus/shared/wire/answers';
import type { Event } from '@isthmus/shared/wire/events';
import {
  type CallEffect,
  type CallEnd,
  type CallEvent,
  type CallState,
  dialling,
  heldIn,
  INCOMING,
  stepCall,
} from '../core/call-machine.ts';
import { createEmitter } from '../core/emitter.ts';
import type { Held } from '../core/holding.ts';
import { asPhoneError, PhoneError } from '../core/phone-error.ts';
import type { Quality } from '../core/quality.ts';
import type { PeerListener, RemoteAudio } from '../ports/peer-connection.ts';
import type { Call, CallEvents, CallPhase, Party, ResumeOptions, Transfer } from './call.ts';
import { type CallAudio, createCallAudio } from './call-audio.ts';
import { type CallCommands, createCallCommands } from './call-commands.ts';
import { callEventOf, phaseOf } from './call-events.ts';
import type { CallRunner, CallRunnerDeps, CallSetUp } from './call-set-up.ts';
import { CallTransfers } from './call-transfers.ts';
import { watchQuality } from './quality-watch.ts';

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
  readonly #audio: CallAudio;
  readonly #commands: CallCommands;
  readonly #transfers: CallTransfers;
  #state: CallState;
  #quality: Quality | undefined;
  #muted = false;
  #stopWatching: (() => void) | undefined;
  readonly id: string;
  readonly on = this.#emitter.on;

  constructor(deps: CallRunnerDeps, setUp: CallSetUp) {
    this.#deps = deps;
    this.#setUp = setUp;
    this.id = setUp.callId;
    this.#state = setUp.direction === 'incoming' ? INCOMING : dialling(setUp.dialled);
    const { ask, createPeer, iceServers, microphone } = deps;
    this.#audio = createCallAudio({ createPeer, iceServers, microphone }, this.#peerListener());
    this.#transfers = new CallTransfers({
      setUp,
      send: (command) => {
        this.#commands.send(command);
      },
      tell: this.#emitter.emit,
    });
    this.#commands = createCallCommands({
      callId: setUp.callId,
      ask,
      granted: (action, answer) => {
        if (action !== 'call.start') return;
        this.#dispatch({ kind: 'granted', sdp: (answer as AnswerOf<'call.start'>).sdp });
      },
      refused: (action, thrown) => {
        const error = asPhoneError(thrown, 'connection.lost');
        if (action === 'call.transfer' || action === 'call.transfer-to')
          this.#transfers.refused(error.message);
        this.#dispatch({ kind: 'command-refused', action, error });
      },
    });
  }

  get call(): Call {
    return this;
  }

  get direction(): Call['direction'] {
    return this.#setUp.direction;
  }

  get remote(): Party {
    return this.#transfers.remote;
  }

  get referredBy(): string | undefined {
    return this.#transfers.referredBy;
  }

  get transferring(): Transfer | undefined {
    return this.#transfers.transfer;
  }

  get phase(): CallPhase {
    return phaseOf(this.#state);
  }

  get end(): CallEnd | undefined {
    return this.#state.kind === 'ended' ? this.#state.end : undefined;
  }

  get quality(): Quality | undefined {
    return this.#quality;
  }

  get held(): Held {
    return heldIn(this.#state);
  }

  get muted(): boolean {
    return this.#muted;
  }

  begin(): void {
    if (this.#setUp.direction === 'outgoing') {
      this.#deps.takeFloor(this);
      this.#whenDone(this.#audio.offer(), (sdp) => ({ kind: 'offer-made', sdp }));
      return;
    }
    this.#deps.tones.play('ringing');
    const answered = this.#audio.answer(this.#setUp.sdp);
    this.#whenDone(answered, (sdp) => ({ kind: 'answer-made', sdp }));
  }

  take(event: Event): void {
    this.#transfers.take(event);
    if (event.event === 'call.dtmf') {
      const { digit, durationMs } = event;
      this.#emitter.emit('digit', { digit, durationMs });
    }
    const known = callEventOf(event);
    if (known) this.#dispatch(known);
  }

  accept(): void {
    this.#deps.takeFloor(this);
    this.#dispatch({ kind: 'accept-asked' });
  }

  decline(): void {
    this.#dispatch({ kind: 'decline-asked', reason: 'declined' });
  }

  declineAsBusy(): void {
    this.#dispatch({ kind: 'decline-asked', reason: 'busy' });
  }

  get sound(): RemoteAudio | undefined {
    return this.#audio.remote;
  }

  mix(others: readonly CallRunner[]): void {
    this.#audio.mix(others.flatMap(({ sound }) => sound ?? [])).catch((thrown: unknown) => {
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
    if (this.#state.kind === 'active') this.#transfers.to(target);
  }

  transferTo(other: Call): void {
    if (this.#state.kind === 'active') this.#transfers.toCall(other);
  }

  hangUp(): void {
    this.#dispatch({ kind: 'hang-up-asked' });
  }

  lose(): void {
    this.#dispatch({ kind: 'session-lost' });
  }

  mute(on: boolean): void {
    this.#muted = on;
    this.#audio.mute(on);
  }

  sendDtmf(digits: string): boolean {
    return this.#state.kind === 'active' && this.#audio.sendDtmf(digits);
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
    if (phase === 'active') this.#watch();
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

  #peerListener(): PeerListener {
    return {
      candidate: (candidate) => {
        this.#dispatch({ kind: 'candidate-found', candidate });
      },
      connected: () => {
        this.#emitter.emit('media', 'flowing');
      },
      lost: () => {
        if (this.#state.kind === 'active') this.#emitter.emit('media', 'lost');
      },
    };
  }

  #watch(): void {
    this.#stopWatching = watchQuality({
      clock: this.#deps.clock,
      counters: this.#audio.counters,
      onQuality: (now) => {
        this.#quality = now;
        this.#emitter.emit('quality', now);
      },
      isQuiet: () => this.held.byUs || this.held.byThem,
      onHeard: (isHeard) => {
        this.#comfort(isHeard);
      },
      onSilence: () => {
        this.#emitter.emit('media', 'lost');
      },
      onSound: () => {
        this.#emitter.emit('media', 'flowing');
      },
    });
  }

  /** Who is held and hears nothing of the other side's is told so by a tone now and then. */
  #comfort(isHeard: boolean): void {
    const { byUs, byThem } = this.held;
    if (byThem) this.#deps.tones.play(isHeard || byUs ? 'none' : 'held');
  }

  readonly #performer: Performer = {
    'show-held': ({ held }) => {
      this.#audio.hold(held);
      if (!held.byThem || held.byUs) this.#deps.tones.play('none');
      this.#emitter.emit('held', held);
    },
    send: ({ command }) => {
      this.#commands.send(command);
    },
    'take-answer': ({ sdp }) => {
      this.#audio.takeAnswer(sdp).catch((thrown: unknown) => {
        this.#refuseMedia(thrown);
      });
    },
    'make-answer': ({ sdp, offerId }) => {
      this.#whenDone(this.#audio.answer(sdp), (answer) => ({
        kind: 'answer-made',
        sdp: answer,
        offerId,
      }));
    },
    'join-microphone': () => {
      this.#whenDone(this.#audio.join(), () => ({ kind: 'microphone-joined' }));
    },
    play: ({ tone }) => {
      this.#deps.tones.play(tone);
    },
    'close-media': () => {
      this.#stopWatching?.();
      this.#audio.close();
    },
    alert: ({ error }) => {
      this.#emitter.emit('error', new PhoneError(error));
    },
  };
}

import {
  firstReliable,
  type Provisional,
  parseRAck,
  type ReliableEffect,
  type ReliableEvent,
  type ReliableTimer,
  stepReliable,
} from '../../core/session/reliable-provisional.ts';
import type { Clock } from '../../ports/clock.ts';
import type { PeerRequest } from './peer-request.ts';

export interface ReliableTasks {
  readonly send: (response: Provisional, rseq: number) => void;
  /** The PRACK is to be answered. */
  readonly acknowledged: (prack: PeerRequest, response: Provisional) => void;
  readonly answer: () => void;
  readonly giveUp: () => void;
}

/** Room for as many responses as anyone sends (RFC 3262 §3). */
const RSEQ_RANGE = 1_000_000;

/** Carries out the reliable provisional responses to one INVITE. */
export class ReliableResponses {
  readonly #clock: Clock;
  readonly #tasks: ReliableTasks;
  readonly #timers = new Map<ReliableTimer, () => void>();
  #state;

  constructor(
    clock: Clock,
    first: { readonly cseq: number; readonly random: number; readonly t1Ms: number },
    tasks: ReliableTasks,
  ) {
    this.#clock = clock;
    this.#tasks = tasks;
    const rseq = Math.floor(first.random * RSEQ_RANGE);
    this.#state = firstReliable({ ...first, rseq });
  }

  send(response: Provisional): void {
    this.#dispatch({ kind: 'response-wanted', response });
  }

  answer(): void {
    this.#dispatch({ kind: 'answer-wanted' });
  }

  end(): void {
    this.#dispatch({ kind: 'ended' });
  }

  receive(prack: PeerRequest): void {
    const rack = parseRAck(prack.message.getHeader('rack'));
    this.#dispatch({ kind: 'prack-received', rack }, prack);
  }

  #dispatch(event: ReliableEvent, prack?: PeerRequest): void {
    const { state, effects } = stepReliable(this.#state, event);
    this.#state = state;
    for (const effect of effects) this.#carryOut(effect, prack);
  }

  #carryOut(effect: ReliableEffect, prack: PeerRequest | undefined): void {
    switch (effect.kind) {
      case 'send-provisional':
        this.#tasks.send(effect.response, effect.response.rseq);
        return;
      case 'accept-prack':
        if (prack) this.#tasks.acknowledged(prack, effect.acknowledged);
        return;
      case 'refuse-prack':
        prack?.reject({ statusCode: 481 });
        return;
      case 'send-answer':
        this.#tasks.answer();
        return;
      case 'give-up':
        this.#tasks.giveUp();
        return;
      case 'start-timer':
      case 'stop-timer':
        this.#setTimer(effect.timer, effect.kind === 'start-timer' ? effect.ms : undefined);
    }
  }

  #setTimer(timer: ReliableTimer, ms: number | undefined): void {
    this.#timers.get(timer)?.();
    this.#timers.delete(timer);
    if (ms === undefined) return;
    const fire = (): void => {
      this.#dispatch({ kind: 'timer-fired', timer });
    };
    this.#timers.set(timer, this.#clock.after(ms, fire));
  }
}

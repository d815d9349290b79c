import type { IncomingMessage } from 'sip.js/lib/core/index.js';
import {
  type Agreed,
  agreedByAnswer,
  answerToAsker,
  askingHeaders,
  noSessionTimer,
  type SessionTimer,
  type SessionTimerEvent,
  stepSessionTimer,
} from '../../core/session/session-timer.ts';
import type { LegContext } from './leg-context.ts';
import { timerHeadersOf } from './timer-headers.ts';

export interface KeeperTasks {
  readonly refresh: () => void;
  /** Nobody kept the session alive (RFC 4028 §10). */
  readonly hangUp: () => void;
}

/** Carries out one dialog's session timer. */
export class SessionKeeper {
  readonly #context: LegContext;
  readonly #tasks: KeeperTasks;
  readonly #timers = new Map<SessionTimer, () => void>();
  #state = noSessionTimer;
  #isConfirmed = false;

  constructor(context: LegContext, tasks: KeeperTasks) {
    this.#context = context;
    this.#tasks = tasks;
  }

  /** What the INVITE and its 2xx agreed on; before that there is no session to keep. */
  start(agreed: Agreed | undefined): void {
    this.#isConfirmed = true;
    this.#dispatch({ kind: 'negotiated', agreed });
  }

  /** What our re-INVITE or UPDATE says: the same again (RFC 4028 §7.4). */
  get askingHeaders(): readonly string[] {
    if (this.#state.kind === 'off') return [];
    const { intervalS: expiresS, refresher } = this.#state;
    return askingHeaders({ ...this.#context.policy, expiresS }, { refresher });
  }

  /** What our 2xx to a re-INVITE or UPDATE says. */
  answerHeaders(message: IncomingMessage): readonly string[] {
    const answer = answerToAsker(timerHeadersOf(message), this.#context.policy);
    return this.#isConfirmed && answer.kind === 'agreed' ? answer.headers : [];
  }

  /** We accepted a re-INVITE or UPDATE. */
  answered(message: IncomingMessage): void {
    const answer = answerToAsker(timerHeadersOf(message), this.#context.policy);
    this.#negotiated(answer.kind === 'agreed' ? answer.agreed : undefined);
  }

  /** The peer accepted one of ours. */
  accepted(message: IncomingMessage): void {
    this.#negotiated(agreedByAnswer(timerHeadersOf(message)));
  }

  refused(status: number): void {
    this.#dispatch({ kind: 'refresh-refused', status });
  }

  end(): void {
    this.#dispatch({ kind: 'ended' });
  }

  #negotiated(agreed: Agreed | undefined): void {
    if (this.#isConfirmed) this.#dispatch({ kind: 'negotiated', agreed });
  }

  #dispatch(event: SessionTimerEvent): void {
    const { state, effects } = stepSessionTimer(this.#state, event);
    this.#state = state;
    for (const effect of effects) {
      if (effect.kind === 'send-refresh') this.#tasks.refresh();
      else if (effect.kind === 'hang-up') this.#tasks.hangUp();
      else this.#setTimer(effect.timer, effect.kind === 'start-timer' ? effect.ms : undefined);
    }
  }

  #setTimer(timer: SessionTimer, ms: number | undefined): void {
    this.#timers.get(timer)?.();
    this.#timers.delete(timer);
    if (ms === undefined) return;
    const fire = (): void => {
      this.#dispatch({ kind: 'timer-fired', timer });
    };
    this.#timers.set(timer, this.#context.clock.after(ms, fire));
  }
}

import { assertNever } from '@isthmus/shared/assert-never';
import type { Impu } from '@isthmus/shared/domain/ids';
import { CHANCE_BITS, chanceOf } from '../../core/registration/backoff.ts';
import type { Verdict } from '../../core/registration/reg-event/reg-view.ts';
import {
  idleRegistration,
  stepRegistration,
} from '../../core/registration/registration-machine.ts';
import type {
  RegistrationEffect,
  RegistrationEvent,
  RegistrationState,
  RegistrationTimer,
} from '../../core/registration/registration-types.ts';
import { isAssociated } from '../../core/sip/implicit-set.ts';
import { asksForRegistration } from '../../core/sip/restoration.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import type { Log } from '../../ports/log.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { MessageFate, OutgoingMessage } from '../../ports/pager-message.ts';
import type { SipAccount, SipAccountEvent, SipAccountOptions } from '../../ports/sip-accounts.ts';
import type { OutgoingInvite, SipLeg, SipLegEvent } from '../../ports/sip-leg.ts';
import type { SipUserAgent, SipUserAgentEvent, SipUserAgents } from '../../ports/sip-user-agent.ts';
import type { XmlReader } from '../../ports/xml-reader.ts';
import type { EventlessNetworks } from './eventless-networks.ts';
import { refusedLeg } from './refused-leg.ts';
import { RegistrationWatch } from './registration-watch.ts';

export interface AccountDeps {
  readonly userAgents: SipUserAgents;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'count'>;
  readonly xml: XmlReader;
  readonly eventless: EventlessNetworks;
}

export interface AccountListeners {
  readonly onEvent: (event: SipAccountEvent) => void;
  /** The account will never do anything again. */
  readonly onEnd: () => void;
}

/** One registration: feeds its machine one event at a time and carries out what it says. */
export class Account implements SipAccount {
  readonly #deps: AccountDeps;
  readonly #impu: Impu;
  readonly #agent: SipUserAgent;
  readonly #watch: RegistrationWatch;
  readonly #onEvent: (event: SipAccountEvent) => void;
  readonly #onEnd: () => void;
  readonly #timers = new Map<RegistrationTimer, () => void>();
  readonly #inbox: RegistrationEvent[] = [];
  readonly #ended: Promise<void>;
  #resolveEnded: () => void = () => undefined;
  #state: RegistrationState = idleRegistration;
  #isDraining = false;
  #isFlowUp = false;
  /** Of the last 200. */
  #implicitSet: readonly Impu[] | undefined;
  /** Since the last loss: what registers us now is a refresh. */
  #isRegistered = false;
  /** Another node has this registration as well. */
  #isBeside = false;
  #strays: readonly string[] = [];

  constructor(deps: AccountDeps, options: SipAccountOptions, { onEvent, onEnd }: AccountListeners) {
    this.#deps = deps;
    this.#impu = options.impu;
    this.#onEvent = onEvent;
    this.#onEnd = onEnd;
    this.#ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    this.#agent = deps.userAgents.open(options, (event) => {
      this.#happened(event);
    });
    this.#watch = new RegistrationWatch(
      { ...deps, agent: this.#agent },
      {
        ...{ impu: options.impu, instanceId: options.instanceId },
        network: `${options.tenant}|${options.access.homeDomain}`,
        onVerdict: (verdict) => {
          this.#judged(verdict);
        },
        onStrays: (strays) => {
          this.#strays = strays;
          this.#tidy();
        },
      },
    );
  }

  register(beside?: 'beside'): void {
    this.#isBeside = beside !== undefined;
    this.#dispatch({ kind: 'register-wanted' });
    if (this.#isFlowUp) this.#dispatch({ kind: 'flow-up' });
  }

  standAlone(): void {
    this.#isBeside = false;
    this.#tidy();
  }

  deregister(): Promise<void> {
    this.#watch.leave();
    this.#dispatch({ kind: 'deregister-wanted' });
    return this.#ended;
  }

  invite(invite: OutgoingInvite, onEvent: (event: SipLegEvent) => void): SipLeg {
    if (this.#implicitSet && !isAssociated(this.#implicitSet, invite.identity)) {
      return refusedLeg({ status: 403, reason: 'the identity is barred' }, onEvent);
    }
    return this.#agent.invite(invite, onEvent);
  }

  message(message: OutgoingMessage): Promise<MessageFate> {
    if (this.#implicitSet && !isAssociated(this.#implicitSet, message.identity))
      return Promise.resolve({ kind: 'message-answered', status: 403 });
    return this.#agent.message(message);
  }

  /** Stops without a word to IMS. */
  close(): void {
    this.#state = { kind: 'ended' };
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
    this.#watch.close();
    this.#agent.close();
    this.#resolveEnded();
    this.#onEnd();
  }

  #happened(event: SipUserAgentEvent): void {
    switch (event.kind) {
      case 'incoming':
      case 'message':
        this.#onEvent(event);
        return;
      case 'no-other-proxy':
        this.#dispatch(event);
        return;
      case 'alternative-offered':
        this.#alternativeOffered(event.document);
        return;
      case 'flow-up':
      case 'flow-lost':
        this.#isFlowUp = event.kind === 'flow-up';
        this.#dispatch(event);
        return;
      default:
        assertNever(event);
    }
  }

  #alternativeOffered(document: string): void {
    const root = this.#deps.xml.read(document);
    if (root && asksForRegistration(root)) this.#dispatch({ kind: 'restoration-wanted' });
  }

  /** They wait for their time: there is never more than one REGISTER under way. */
  #tidy(): void {
    const isTime = !this.#isBeside && this.#state.kind === 'registered';
    if (!isTime || this.#strays.length === 0) return;
    this.#deps.log.info('contacts of a predecessor are withdrawn', { count: this.#strays.length });
    this.#dispatch({ kind: 'strays-found', strays: this.#strays });
    this.#strays = [];
  }

  #judged(verdict: Verdict): void {
    switch (verdict.kind) {
      case 'shortened':
        this.#dispatch({ kind: 'expiry-shortened', expiresS: verdict.expiresS });
        return;
      case 'gone':
        this.#dispatch({ ...verdict, kind: 'terminated-by-network' });
        return;
      case 'active':
      case 'nothing':
        return;
      default:
        assertNever(verdict);
    }
  }

  #dispatch(event: RegistrationEvent): void {
    this.#inbox.push(event);
    if (this.#isDraining) return;
    this.#isDraining = true;
    try {
      for (let next = this.#inbox.shift(); next; next = this.#inbox.shift()) this.#take(next);
    } finally {
      this.#isDraining = false;
    }
  }

  #take(event: RegistrationEvent): void {
    const after = stepRegistration(
      this.#state,
      event,
      chanceOf(this.#deps.ids.random(CHANCE_BITS)),
    );
    if (after.state.kind !== this.#state.kind) {
      const facts = { from: this.#state.kind, to: after.state.kind, on: event.kind };
      this.#deps.log.debug('registration state', facts);
    }
    this.#state = after.state;
    for (const effect of after.effects) this.#perform(effect);
  }

  #perform(effect: RegistrationEffect): void {
    switch (effect.kind) {
      case 'send-register':
        this.#agent.register(effect, (outcome) => {
          this.#dispatch(outcome);
        });
        return;
      case 'use-service-route':
        this.#agent.useServiceRoute(effect.route);
        return;
      case 'use-gruus':
        this.#agent.useGruus(effect.gruus);
        return;
      case 'use-next-proxy':
        this.#agent.useNextProxy(effect);
        return;
      case 'start-timer':
        this.#startTimer(effect.timer, effect.ms);
        return;
      case 'stop-timer':
        this.#stopTimer(effect.timer);
        return;
      default:
        this.#report(effect);
    }
  }

  #report(effect: Extract<RegistrationEffect, { kind: `report-${string}` }>): void {
    switch (effect.kind) {
      case 'report-registered':
        this.#registered(effect.associated);
        return;
      case 'report-refused':
        this.close();
        this.#onEvent({ kind: 'refused', status: effect.status, reason: effect.reason });
        return;
      case 'report-lost':
        this.#isRegistered = false;
        this.#watch.lost();
        this.#strays = [];
        this.#onEvent({ kind: 'lost', reason: effect.reason });
        return;
      case 'report-unregistered':
        this.#onEvent({ kind: 'unregistered' });
        return;
      case 'report-end':
        this.close();
        return;
      default:
        assertNever(effect);
    }
  }

  /** Without P-Associated-URI the registered identity stands for its whole set. */
  #registered(associated: readonly Impu[]): void {
    const implicitSet = associated.length > 0 ? associated : [this.#impu];
    this.#implicitSet = implicitSet;
    const isNew = !this.#isRegistered;
    this.#isRegistered = true;
    this.#onEvent({ kind: 'registered', defaultImpu: implicitSet[0] ?? this.#impu, implicitSet });
    this.#watch.registered(implicitSet, isNew);
    this.#tidy();
  }

  #startTimer(timer: RegistrationTimer, ms: number): void {
    this.#stopTimer(timer);
    const cancel = this.#deps.clock.after(Math.min(ms, LONGEST_TIMER_MS), () => {
      this.#timers.delete(timer);
      this.#dispatch({ kind: 'timer-fired', timer });
    });
    this.#timers.set(timer, cancel);
  }

  #stopTimer(timer: RegistrationTimer): void {
    this.#timers.get(timer)?.();
    this.#timers.delete(timer);
  }
}

/** A timer of more than 2^31 ms would fire at once; refreshing early does no harm. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

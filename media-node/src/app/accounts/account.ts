import { assertNever } from '@isthmus/shared/assert-never';
import type { Impu } from '@isthmus/shared/domain/ids';
import type { CallDialog } from '@isthmus/shared/store/call-records';
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
import { RunningMachine } from './running-machine.ts';

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
  readonly #machine: RunningMachine<RegistrationState, RegistrationEvent, RegistrationEffect>;
  readonly #ended: Promise<void>;
  #resolveEnded: () => void = () => undefined;
  #isFlowUp = false;
  /** Of the last 200. */
  #granted: readonly Impu[] = [];
  /** Less what the network has ended since. */
  #implicitSet: readonly Impu[] | undefined;
  /** Since the last loss: what registers us now is a refresh. */
  #isRegistered = false;
  /** Another node has this registration as well. */
  #isBeside = false;
  #strays: readonly string[] = [];

  constructor(deps: AccountDeps, options: SipAccountOptions, { onEvent, onEnd }: AccountListeners) {
    this.#deps = deps;
    this.#machine = new RunningMachine(deps, {
      name: 'registration',
      initial: idleRegistration,
      step: stepRegistration,
      perform: (effect) => {
        this.#perform(effect);
      },
    });
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
        onEnded: (identities) => {
          this.#identitiesEnded(identities);
        },
      },
    );
  }

  register(beside?: 'beside'): void {
    this.#isBeside = beside !== undefined;
    this.#machine.put({ kind: 'register-wanted' });
    if (this.#isFlowUp) this.#machine.put({ kind: 'flow-up' });
  }

  standAlone(): void {
    this.#isBeside = false;
    this.#tidy();
  }

  deregister(): Promise<void> {
    this.#watch.leave();
    this.#machine.put({ kind: 'deregister-wanted' });
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

  release(dialog: CallDialog): void {
    this.#agent.release(dialog);
  }

  /** Stops without a word to IMS. */
  close(): void {
    this.#machine.stopAt({ kind: 'ended' });
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
        this.#machine.put(event);
        return;
      case 'alternative-offered':
        this.#alternativeOffered(event.document);
        return;
      case 'flow-up':
      case 'flow-lost':
        this.#isFlowUp = event.kind === 'flow-up';
        this.#machine.put(event);
        return;
      default:
        assertNever(event);
    }
  }

  #alternativeOffered(document: string): void {
    const root = this.#deps.xml.read(document);
    if (root && asksForRegistration(root)) this.#machine.put({ kind: 'restoration-wanted' });
  }

  /** They wait for their time: there is never more than one REGISTER under way. */
  #tidy(): void {
    const isTime = !this.#isBeside && this.#machine.state.kind === 'registered';
    if (!isTime || this.#strays.length === 0) return;
    this.#deps.log.info('contacts of a predecessor are withdrawn', { count: this.#strays.length });
    this.#machine.put({ kind: 'strays-found', strays: this.#strays });
    this.#strays = [];
  }

  #judged(verdict: Verdict): void {
    switch (verdict.kind) {
      case 'shortened':
        this.#machine.put({ kind: 'expiry-shortened', expiresS: verdict.expiresS });
        return;
      case 'gone':
        this.#machine.put({ ...verdict, kind: 'terminated-by-network' });
        return;
      case 'active':
      case 'nothing':
        return;
      default:
        assertNever(verdict);
    }
  }

  #perform(effect: RegistrationEffect): void {
    switch (effect.kind) {
      case 'send-register':
        this.#agent.register(effect, (outcome) => {
          this.#machine.put(outcome);
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
    this.#granted = implicitSet;
    const isNew = !this.#isRegistered;
    this.#isRegistered = true;
    this.#reportSet(implicitSet);
    this.#watch.registered(implicitSet, isNew);
    this.#tidy();
  }

  #reportSet(implicitSet: readonly Impu[]): void {
    this.#implicitSet = implicitSet;
    this.#onEvent({ kind: 'registered', defaultImpu: implicitSet[0] ?? this.#impu, implicitSet });
  }

  /** Of several identities some may end before the others (3GPP TS 24.229 §5.1.1.7). */
  #identitiesEnded(identities: readonly string[]): void {
    const left = this.#granted.filter((it) => !identities.includes(it));
    const isChange = left.length !== this.#implicitSet?.length;
    if (this.#isRegistered && left.length > 0 && isChange) this.#reportSet(left);
  }

  #startTimer(timer: RegistrationTimer, ms: number): void {
    this.#stopTimer(timer);
    const cancel = this.#deps.clock.after(ms, () => {
      this.#timers.delete(timer);
      this.#machine.put({ kind: 'timer-fired', timer });
    });
    this.#timers.set(timer, cancel);
  }

  #stopTimer(timer: RegistrationTimer): void {
    this.#timers.get(timer)?.();
    this.#timers.delete(timer);
  }
}

import { assertNever } from '@isthmus/shared/assert-never';
import type { Impu } from '@isthmus/shared/domain/ids';
import {
  REG_INFO_TYPE,
  type RegInfo,
  readRegInfo,
} from '../../core/registration/reg-event/reg-info.ts';
import type { Verdict } from '../../core/registration/reg-event/reg-view.ts';
import {
  idleSubscription,
  stepSubscription,
} from '../../core/registration/reg-event/subscription-machine.ts';
import type {
  SubscriptionEffect,
  SubscriptionEvent,
  SubscriptionState,
} from '../../core/registration/reg-event/subscription-types.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import type { Log } from '../../ports/log.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { Notification, SubscriptionListener } from '../../ports/sip-subscription.ts';
import type { SipUserAgent } from '../../ports/sip-user-agent.ts';
import type { XmlReader } from '../../ports/xml-reader.ts';
import type { EventlessNetworks } from './eventless-networks.ts';
import { RunningMachine } from './running-machine.ts';

export interface RegistrationWatchDeps {
  readonly agent: SipUserAgent;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'count'>;
  readonly xml: XmlReader;
  readonly eventless: EventlessNetworks;
}

export interface Watched {
  readonly impu: Impu;
  readonly instanceId: string;
  /** Tenant and home domain. */
  readonly network: string;
  /** What the network says became of the registration. */
  readonly onVerdict: (verdict: Verdict) => void;
  /** Contacts of our instance that others have left. */
  readonly onStrays: (strays: readonly string[]) => void;
  /** Identities that the network has ended while others go on: all of them, at each change. */
  readonly onEnded: (identities: readonly string[]) => void;
}

/** Watches over one registration by its events (REG-9): feeds the subscription's machine. */
export class RegistrationWatch {
  readonly #deps: RegistrationWatchDeps;
  readonly #watched: Watched;
  readonly #machine: RunningMachine<SubscriptionState, SubscriptionEvent, SubscriptionEffect>;
  readonly #listener: SubscriptionListener;
  #identity: Impu;
  #stopTimer: () => void = () => undefined;

  constructor(deps: RegistrationWatchDeps, watched: Watched) {
    this.#deps = deps;
    this.#machine = new RunningMachine(deps, {
      name: 'registration subscription',
      initial: idleSubscription,
      step: stepSubscription,
      perform: (effect) => {
        this.#perform(effect);
      },
    });
    this.#watched = watched;
    this.#identity = watched.impu;
    this.#listener = {
      onNews: (news) => {
        this.#machine.put(news);
      },
      onNotify: (notification) => this.#notified(notification),
    };
  }

  /** `isNew`: from the beginning, not by a refresh. */
  registered(implicitSet: readonly Impu[], isNew: boolean): void {
    const { impu } = this.#watched;
    // One that was not reported is barred: the default one speaks for it (TS 24.229 §5.1.1.3).
    this.#identity = implicitSet.includes(impu) ? impu : (implicitSet[0] ?? impu);
    const { kind } = this.#machine.state;
    const isWithout = kind === 'idle' || kind === 'refused';
    if (isWithout && this.#deps.eventless.has(this.#watched.network)) return;
    this.#machine.put({ kind: 'registered', isNew });
  }

  lost(): void {
    this.#machine.put({ kind: 'registration-lost' });
  }

  /** Before the registration itself is ended. */
  leave(): void {
    this.#machine.put({ kind: 'leave-wanted' });
  }

  close(): void {
    this.#machine.stopAt({ kind: 'ended' });
    this.#stopTimer();
  }

  /** What it leads to may end the account, so it waits until the NOTIFY has its answer. */
  #notified(notification: Notification): boolean {
    const { body, expiresS, reason, retryAfterS, state } = notification;
    const info = body === '' ? undefined : this.#read(notification);
    const { impu, instanceId } = this.#watched;
    queueMicrotask(() => {
      this.#machine.put({
        ...{ kind: 'notified', state },
        ...(reason !== undefined && { reason }),
        ...(expiresS !== undefined && { expiresS }),
        ...(retryAfterS !== undefined && { retryAfterS }),
        ...(info && { info }),
        own: { impu, instanceId, uri: this.#deps.agent.contactUri },
      });
    });
    return body === '' || info !== undefined;
  }

  #read({ body, type }: Notification): RegInfo | undefined {
    const root = type === REG_INFO_TYPE ? this.#deps.xml.read(body) : undefined;
    const info = root && readRegInfo(root);
    if (!info) {
      this.#deps.metrics.count('sip_messages_dropped', { reason: 'reginfo' });
      this.#deps.log.debug('registration information not understood', { type });
      return undefined;
    }
    const { isFull, registrations, version } = info;
    const facts = { isFull, version, identities: registrations.length };
    this.#deps.log.debug('registration information', facts);
    return info;
  }

  #perform(effect: SubscriptionEffect): void {
    switch (effect.kind) {
      case 'send-subscribe': {
        const { authorization, dialog, expiresS } = effect;
        const request = { authorization, dialog, expiresS, identity: this.#identity };
        this.#deps.agent.subscribe(request, this.#listener);
        return;
      }
      case 'forget':
        this.#deps.agent.forgetSubscription();
        return;
      case 'report-verdict':
        this.#watched.onVerdict(effect.verdict);
        return;
      case 'report-strays':
        this.#watched.onStrays(effect.strays);
        return;
      case 'report-ended':
        this.#watched.onEnded(effect.identities);
        return;
      case 'note-refusal':
        this.#deps.eventless.refused(this.#watched.network, effect.why);
        this.#deps.log.info('registration events are not to be had', { why: effect.why });
        return;
      case 'start-timer':
        this.#startTimer(effect.ms);
        return;
      case 'stop-timer':
        this.#stopTimer();
        return;
      default:
        assertNever(effect);
    }
  }

  #startTimer(ms: number): void {
    this.#stopTimer();
    this.#stopTimer = this.#deps.clock.after(ms, () => {
      this.#machine.put({ kind: 'timer-fired' });
    });
  }
}

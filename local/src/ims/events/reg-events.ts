import type { Clock } from '../clock.ts';
import { dialogEnds, type OwnAddress, recordRouteOf, viaOf } from '../proxy/own-address.ts';
import type { Binding, Bindings, Change } from '../registrar/bindings.ts';
import { holds } from '../registrar/identities.ts';
import { addressOf, tagOf } from '../sip/header-values.ts';
import { firstHeader, type SipRequest } from '../sip/message.ts';
import { type ResponseOptions, responseTo } from '../sip/respond.ts';
import { randomBranch, randomToken } from '../sip/tokens.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import type { Transactions } from '../transaction/transactions.ts';
import type { Flow } from '../transport/flow.ts';
import { regInfo } from './reg-info.ts';
import { notifyOf, type Subscription, subscriptionOf } from './subscription.ts';

export interface RegEventsDeps {
  readonly clock: Clock;
  readonly bindings: Bindings;
  readonly transactions: () => Transactions;
  readonly own: () => OwnAddress;
}

export interface RegEvents {
  /** A SUBSCRIBE of one that is registered. */
  begin(transaction: ServerTransaction, binding: Binding): void;
  /** A SUBSCRIBE within a dialog. */
  goOn(transaction: ServerTransaction): void;
}

/** RFC 3680 §4.4: 3761 seconds where nothing is asked for. */
const DEFAULT_EXPIRES_S = 3_761;
const MAX_EXPIRES_S = 600_000;
/** Our end of a dialog, in its Record-Route. */
const EVENTS_END = 'events';

export function createRegEvents(deps: RegEventsDeps): RegEvents {
  return new Notifier(deps);
}

/** The S-CSCF as notifier of registration events (3GPP TS 24.229 §5.4.2.1). */
class Notifier implements RegEvents {
  readonly #deps: RegEventsDeps;
  readonly #byDialog = new Map<string, Subscription>();

  constructor(deps: RegEventsDeps) {
    this.#deps = deps;
    deps.bindings.watch((changes) => {
      // After the answer to the REGISTER that made the change.
      queueMicrotask(() => {
        this.#changed(changes);
      });
    });
  }

  begin(transaction: ServerTransaction, binding: Binding): void {
    const { request } = transaction;
    const { id: bindingId, subscriber } = binding;
    if (!isForReg(request)) {
      refuse(transaction, { status: 489, headers: { 'Allow-Events': 'reg' } });
      return;
    }
    if (!holds(subscriber, request.uri)) {
      refuse(transaction, { status: 403, reason: 'Registration of another subscriber' });
      return;
    }
    const tag = randomToken();
    const facts = { bindingId, subscriber, expiresAtMs: 0 };
    const subscription = subscriptionOf(request, tag, facts);
    this.#byDialog.set(dialogKey(subscription.callId, tag), subscription);
    this.#granted(transaction, subscription, tag);
  }

  goOn(transaction: ServerTransaction): void {
    const { flow, request } = transaction;
    const tag = tagOf(firstHeader(request, 'To')) ?? '';
    const subscription = this.#byDialog.get(dialogKey(firstHeader(request, 'Call-ID') ?? '', tag));
    const isTheirs =
      subscription !== undefined &&
      this.#flowOf(subscription)?.id === flow.id &&
      tagOf(subscription.remote) === tagOf(firstHeader(request, 'From'));
    if (!isTheirs) {
      refuse(transaction, { status: 481 });
      return;
    }
    const ends = dialogEnds(addressOf(firstHeader(request, 'Route')), this.#deps.own());
    if (ends?.callee !== EVENTS_END) {
      refuse(transaction, { status: 403, reason: 'Route does not follow Record-Route' });
    } else if (!isForReg(request)) refuse(transaction, { status: 489 });
    else this.#granted(transaction, subscription, tag);
  }

  #granted(transaction: ServerTransaction, subscription: Subscription, toTag: string): void {
    const { request, flow } = transaction;
    const { clock } = this.#deps;
    const expiresS = expiresOf(request);
    subscription.expiresAtMs = clock.nowMs() + expiresS * 1_000;
    subscription.target = addressOf(firstHeader(request, 'Contact')) ?? subscription.target;
    const headers = {
      'Record-Route': this.#recordRoute(subscription, flow),
      Contact: this.#contact(),
      Expires: String(expiresS),
    };
    transaction.respond(responseTo(request, { status: 200, toTag, headers }));
    subscription.stopTimer();
    if (expiresS === 0) {
      this.#end(subscription, 'timeout', this.#all(subscription));
      return;
    }
    subscription.stopTimer = clock.after(expiresS * 1_000, () => {
      this.#end(subscription, 'timeout', this.#all(subscription));
    });
    this.#notify(subscription, { changes: this.#all(subscription), state: 'full' });
  }

  #all({ subscriber }: Subscription): readonly Change[] {
    return this.#deps.bindings
      .of(subscriber.impi)
      .map((binding) => ({ binding, event: 'registered' }));
  }

  #changed(changes: readonly Change[]): void {
    const impi = changes[0]?.binding.subscriber.impi;
    for (const it of [...this.#byDialog.values()]) {
      if (it.subscriber.impi !== impi) continue;
      const isSilent = changes.some(({ event }) => event === 'forgotten');
      if (isSilent || this.#flowOf(it)?.isOpen() !== true) this.#forget(it);
      else if (this.#deps.bindings.of(impi).length > 0) {
        this.#notify(it, { changes, state: 'partial' });
      } else this.#end(it, 'noresource', changes);
    }
  }

  #end(subscription: Subscription, reason: string, changes: readonly Change[]): void {
    this.#forget(subscription);
    this.#notify(subscription, { changes, state: 'full', reason });
  }

  #notify(
    subscription: Subscription,
    told: {
      readonly changes: readonly Change[];
      readonly state: 'full' | 'partial';
      readonly reason?: string;
    },
  ): void {
    const { bindings, clock, own, transactions } = this.#deps;
    const flow = this.#flowOf(subscription);
    if (flow?.isOpen() !== true) {
      this.#forget(subscription);
      return;
    }
    const { subscriber } = subscription;
    subscription.cseq += 1;
    subscription.version += 1;
    const nowMs = clock.nowMs();
    const leftS = Math.max(0, Math.round((subscription.expiresAtMs - nowMs) / 1_000));
    const notify = notifyOf(subscription, {
      state:
        told.reason === undefined
          ? `active;expires=${String(leftS)}`
          : `terminated;reason=${told.reason}`,
      document: regInfo(subscriber, told.changes, {
        ...{ version: subscription.version, state: told.state, nowMs },
        isRegistered: bindings.of(subscriber.impi).length > 0,
      }),
      via: viaOf(flow, own(), randomBranch()),
      recordRoute: this.#recordRoute(subscription, flow),
      contact: this.#contact(),
    });
    transactions().start(notify, flow, ({ status }) => {
      // RFC 6665 §4.2.2: whoever knows of no subscription, or says nothing, has none.
      if (status === 481 || status === 408) this.#forget(subscription);
    });
  }

  #forget(subscription: Subscription): void {
    subscription.stopTimer();
    const { callId, local } = subscription;
    this.#byDialog.delete(dialogKey(callId, tagOf(local) ?? ''));
  }

  #flowOf({ bindingId }: Subscription): Flow | undefined {
    return this.#deps.bindings.flowOf(bindingId);
  }

  #recordRoute({ bindingId }: Subscription, flow: Flow): string {
    return recordRouteOf({ caller: bindingId, callee: EVENTS_END }, flow, this.#deps.own());
  }

  #contact(): string {
    const { host, port } = this.#deps.own();
    return `<sip:scscf@${host}:${String(port)}>`;
  }
}

const dialogKey = (callId: string, localTag: string): string => `${callId} ${localTag}`;

const isForReg = (request: SipRequest): boolean =>
  firstHeader(request, 'Event')?.split(';')[0]?.trim().toLowerCase() === 'reg';

function expiresOf(request: SipRequest): number {
  const text = firstHeader(request, 'Expires') ?? '';
  return /^\d{1,10}$/.test(text) ? Math.min(Number(text), MAX_EXPIRES_S) : DEFAULT_EXPIRES_S;
}

function refuse(transaction: ServerTransaction, options: ResponseOptions): void {
  transaction.respond(responseTo(transaction.request, { ...options, toTag: randomToken() }));
}

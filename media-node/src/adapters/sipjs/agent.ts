import type { CallDialog } from '@isthmus/shared/store/call-records';
import type { SipTimers } from '@isthmus/shared/store/ims-access';
import { UserAgentCore, type UserAgentCoreConfiguration } from 'sip.js/lib/core/index.js';
import { optionTagsOf, sessionPolicyOf } from '../../core/session/session-policy.ts';
import { callContact } from '../../core/sip/ims-headers.ts';
import { keepAliveTermsOf } from '../../core/sip/keep-alive.ts';
import type { SipMessage } from '../../core/sip/message.ts';
import { alternativeServiceIn } from '../../core/sip/restoration.ts';
import { addressKey } from '../../core/sip/uri.ts';
import type { Clock } from '../../ports/clock.ts';
import type { MessageFate, OutgoingMessage } from '../../ports/pager-message.ts';
import type { SipAccountOptions } from '../../ports/sip-accounts.ts';
import type { OutgoingInvite, SipLeg, SipLegEvent } from '../../ports/sip-leg.ts';
import type { SubscribeRequest, SubscriptionListener } from '../../ports/sip-subscription.ts';
import type {
  Gruus,
  NextProxyRequest,
  RegisterOutcome,
  RegisterRequest,
  SipUserAgent,
  SipUserAgentEvent,
} from '../../ports/sip-user-agent.ts';
import { agentTransport } from './agent-transport.ts';
import { Block } from './block.ts';
import { coreConfiguration } from './core-configuration.ts';
import { digestSecretOf } from './digest-secret.ts';
import { Digester } from './digester.ts';
import type { Flow, FlowDeps, FlowUser } from './flow.ts';
import type { Flows } from './flows.ts';
import { toRequest, toResponse } from './incoming-messages.ts';
import type { LegContext, LiveLeg } from './leg-context.ts';
import { byeInOrphan } from './orphan-bye.ts';
import { OutgoingLeg } from './outgoing-leg.ts';
import { PagerMessages } from './pager-messages.ts';
import { failPending } from './pending.ts';
import { receiveInvite } from './receive-invite.ts';
import { Registrant } from './registrant.ts';
import { timersOf } from './sip-timers.ts';
import { SipTraceFeed } from './sip-trace-feed.ts';
import { Subscriber } from './subscriber.ts';
import { requireUri } from './wire-uri.ts';

/** Where an agent stands: what it is found by, and the flows it may move between. */
export interface Place {
  readonly token: string;
  readonly flow: Flow;
  readonly flows: Flows;
  readonly whenClosed: (agent: Agent) => void;
}

/** Whoever did not answer, or refused, is not the next one again. */
const LEAST_AVOIDED_MS = 30_000;

/** sip.js for one account: its own core, on a flow that others use too. */
export class Agent implements SipUserAgent, FlowUser {
  /** User part of our Contact, and the mark on our branches: how messages find us. */
  readonly token: string;
  readonly tenant: string;
  /** Under which a Request-URI names this account itself, where a network ignores our Contact. */
  readonly address: string;
  readonly #place: Place;
  readonly #clock: Clock;
  readonly #onEvent: (event: SipUserAgentEvent) => void;
  readonly #core: UserAgentCore;
  readonly #legs = new Set<LiveLeg>();
  readonly #context: LegContext;
  readonly #registrant: Registrant;
  readonly block: Block;
  readonly #timers: SipTimers;
  readonly #avoided = new Map<string, number>();
  #flow: Flow;
  readonly #subscriber: Subscriber;
  readonly #messages: PagerMessages;
  readonly #feed: SipTraceFeed;
  #serviceRoute: readonly string[] = [];
  #gruu: string | undefined;
  #isNewcomer = true;
  #isClosed = false;
  #cancelTurn: () => void = () => undefined;

  constructor(
    deps: FlowDeps,
    place: Place,
    account: {
      readonly options: SipAccountOptions;
      readonly onEvent: (event: SipUserAgentEvent) => void;
    },
  ) {
    this.token = place.token;
    this.#place = place;
    this.#flow = place.flow;
    this.#clock = deps.clock;
    this.#onEvent = account.onEvent;
    const { access, impi, impu, secret, tenant } = account.options;
    this.tenant = tenant;
    this.address = addressKey(requireUri(impu));
    this.#timers = timersOf(access.timers);
    this.#feed = new SipTraceFeed(deps.trace, place.token);
    const credentials = {
      ...{ username: impi, realm: access.homeDomain },
      secret: digestSecretOf(secret, access.refuseMd5 === true),
    };
    const proxy = new Digester(deps.ids, credentials);
    const policy = sessionPolicyOf(access);
    this.#core = new UserAgentCore(this.#configuration(account.options, optionTagsOf(policy)), {
      onInvite: (request) => {
        const invite = receiveInvite(this.#context, request);
        if (!invite) return;
        const calledImpu = this.block.identityOf(invite.calledImpu);
        this.#onEvent({ kind: 'incoming', invite: { ...invite, calledImpu } });
      },
      onMessage: (request) => {
        this.#context.onMessage(request);
      },
      // What a subscription of ours expects has found its way before this (RFC 6665 §4.1.3).
      onNotify: (request) => {
        request.reject({ statusCode: 481 });
      },
    });
    this.#context = {
      ...{ tenant, account: place.token },
      core: this.#core,
      ...{ clock: deps.clock, ids: deps.ids, legs: this.#legs },
      log: deps.log.with({ tenant }),
      digesters: {
        registrar: new Digester(deps.ids, credentials),
        proxy,
        ...(access.answerCallChallenges === true && { calls: proxy }),
      },
      contact: () => this.#callContact(),
      onMessage: (request) => {
        const message = this.#messages.received(request);
        const calledImpu = this.block.identityOf(message.calledImpu);
        this.#onEvent({ kind: 'message', message: { ...message, calledImpu } });
      },
      policy,
    };
    this.#registrant = new Registrant(this.#context, account.options, () => this.contactUri);
    this.block = new Block({
      ...{ registrant: this.#registrant, homeDomain: access.homeDomain, mark: this.token },
      contactUri: () => this.contactUri,
    });
    this.#subscriber = new Subscriber(this.#context, account.options.accessNetworkInfo);
    this.#messages = new PagerMessages(this.#context);
  }

  get flow(): Flow {
    return this.#flow;
  }

  /** A registration begins when the flow has a turn for it; a farewell and an answer go at once. */
  register(request: RegisterRequest, onOutcome: (outcome: RegisterOutcome) => void): void {
    if (request.authorization === 'answer' || request.expiresS === 0) {
      this.#registrant.register(request, onOutcome);
      return;
    }
    this.#cancelTurn = this.#flow.enter(this.#isNewcomer, (over) => {
      this.#registrant.register(request, (outcome) => {
        over();
        onOutcome(outcome);
      });
    });
    this.#isNewcomer = false;
  }

  useServiceRoute(route: readonly string[]): void {
    this.#serviceRoute = route;
  }

  useGruus(gruus: Gruus): void {
    this.#gruu = gruus.public;
  }

  /** Others who share the flow stay where they are: it may be us alone who are refused. */
  useNextProxy({ holdOffMs, rediscover }: NextProxyRequest): void {
    void this.#nextFlow(holdOffMs, rediscover).then((next) => {
      if (this.#isClosed) return;
      if (next) this.#moveTo(next);
      else this.#onEvent({ kind: 'no-other-proxy' });
    });
  }

  invite(invite: OutgoingInvite, onEvent: (event: SipLegEvent) => void): SipLeg {
    const context = { ...this.#context, contact: () => this.#callContact(invite.identity) };
    const leg = new OutgoingLeg(context, invite, onEvent);
    leg.start();
    return leg;
  }

  message(message: OutgoingMessage): Promise<MessageFate> {
    return this.#messages.send(message);
  }

  release(dialog: CallDialog): void {
    byeInOrphan(dialog, this.#context);
  }

  subscribe(request: SubscribeRequest, listener: SubscriptionListener): void {
    this.#subscriber.subscribe(request, listener);
  }

  forgetSubscription(): void {
    this.#subscriber.forget();
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelTurn();
    this.#endLegs('account closed');
    this.#subscriber.forget();
    this.#core.dispose();
    this.#place.flows.leave(this.#flow, this);
    this.#place.whenClosed(this);
  }

  isUp(): void {
    this.#onEvent({ kind: 'flow-up' });
  }

  /** Transactions of the lost connection can never end well: they fail at once. */
  isLost(reason: string): void {
    this.#cancelTurn();
    this.#subscriber.forget();
    this.#endLegs(reason);
    this.#onEvent({ kind: 'flow-lost', reason });
    failPending(this.#core);
    this.#core.reset();
  }

  receiveRequest(message: SipMessage): void {
    this.#feed.received(message);
    const request = toRequest(message);
    if (!request) return;
    this.block.called = request.ruri;
    this.#core.receiveIncomingRequestFromTransport(request);
  }

  /** `branch`: of our making, without the mark. */
  receiveResponse(message: SipMessage, branch: string): void {
    this.#feed.received(message);
    const document = alternativeServiceIn(message, this.#registrant.serving);
    if (document !== undefined) {
      queueMicrotask(() => {
        this.#onEvent({ kind: 'alternative-offered', document });
      });
    }
    const response = toResponse(message, branch);
    const terms = keepAliveTermsOf(message);
    if (terms) this.#flow.keepAlive(terms);
    if (response) this.#core.receiveIncomingResponseFromTransport(response);
  }

  async #nextFlow(holdOffMs: number, rediscover: boolean): Promise<Flow | undefined> {
    const nowMs = this.#clock.nowMs();
    for (const [id, untilMs] of this.#avoided) if (untilMs <= nowMs) this.#avoided.delete(id);
    const { targetId } = this.#flow;
    const untilMs = nowMs + Math.max(holdOffMs, LEAST_AVOIDED_MS);
    if (targetId !== undefined) this.#avoided.set(targetId, untilMs);
    if (rediscover) await this.#flow.rediscover();
    return this.#place.flows.around(this.#flow, new Map(this.#avoided));
  }

  #moveTo(next: Flow): void {
    this.isLost('P-CSCF left for another');
    this.#place.flows.leave(this.#flow, this);
    this.#flow = next;
    next.join(this);
  }

  #endLegs(reason: string): void {
    for (const leg of [...this.#legs]) leg.flowLost(reason);
  }

  #callContact(identity?: string): string {
    return callContact(this.block.contactOf(identity, this.#gruu));
  }

  get contactUri(): string {
    return `sip:${this.token}@${this.#flow.announced}${this.#flow.transportParameter}`;
  }

  #configuration(
    { accessNetworkInfo, impu }: SipAccountOptions,
    optionTags: readonly string[],
  ): UserAgentCoreConfiguration {
    const transport = agentTransport({
      ...{ feed: this.#feed, timers: this.#timers, token: this.token, accessNetworkInfo },
      flow: () => this.#flow,
    });
    return coreConfiguration({
      ...{ impu, optionTags, transport },
      called: () => this.block.called,
      contactUri: () => this.contactUri,
      callContact: () => this.#callContact(),
      route: () => [this.#flow.route, ...this.#serviceRoute],
      viaHost: () => this.#flow.announced,
    });
  }
}

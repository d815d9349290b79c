import {
  type IncomingInviteRequest,
  LoggerFactory,
  type Transport,
  TransportError,
  UserAgentCore,
  type UserAgentCoreConfiguration,
} from 'sip.js/lib/core/index.js';
import { callContact, INVITE_OPTION_TAGS } from '../../core/sip/ims-headers.ts';
import type { SipMessage } from '../../core/sip/message.ts';
import { parseUri, type SipUri, sameAddress } from '../../core/sip/uri.ts';
import type { SipAccountOptions } from '../../ports/sip-accounts.ts';
import type { OutgoingInvite, SipLeg, SipLegEvent } from '../../ports/sip-leg.ts';
import type {
  Gruus,
  RegisterOutcome,
  RegisterRequest,
  SipUserAgent,
  SipUserAgentEvent,
} from '../../ports/sip-user-agent.ts';
import { digestSecretOf } from './digest-secret.ts';
import { Digester } from './digester.ts';
import type { Flow, FlowDeps, FlowUser } from './flow.ts';
import { IncomingLeg } from './incoming-leg.ts';
import { toRequest, toResponse } from './incoming-messages.ts';
import type { LegContext, LiveLeg } from './leg-context.ts';
import { OutgoingLeg } from './outgoing-leg.ts';
import { Registrant } from './registrant.ts';
import { type WireUri, wireUri } from './wire-uri.ts';

const TOP_BRANCH = /^(Via: [^\r\n]*?;branch=[^;\r\n]+)/m;

/** sip.js for one account: its own core, on a flow that others use too. */
export class Agent implements SipUserAgent, FlowUser {
  /** User part of our Contact, and the mark on our branches: how messages find us. */
  readonly token: string;
  readonly flow: Flow;
  readonly #onEvent: (event: SipUserAgentEvent) => void;
  readonly #address: SipUri | undefined;
  readonly #core: UserAgentCore;
  readonly #legs = new Set<LiveLeg>();
  readonly #context: LegContext;
  readonly #registrant: Registrant;
  readonly #whenClosed: () => void;
  #serviceRoute: readonly string[] = [];
  #gruu: string | undefined;

  constructor(
    deps: FlowDeps,
    place: { readonly token: string; readonly flow: Flow; readonly whenClosed: () => void },
    account: {
      readonly options: SipAccountOptions;
      readonly onEvent: (event: SipUserAgentEvent) => void;
    },
  ) {
    this.token = place.token;
    this.flow = place.flow;
    this.#whenClosed = place.whenClosed;
    this.#onEvent = account.onEvent;
    const { access, impi, impu, secret, tenant } = account.options;
    this.#address = parseUri(impu);
    const credentials = {
      ...{ username: impi, realm: access.homeDomain },
      secret: digestSecretOf(secret, access.refuseMd5 === true),
    };
    this.#core = new UserAgentCore(this.#configuration(account.options), {
      onInvite: (request) => {
        this.#invited(request);
      },
    });
    this.#context = {
      core: this.#core,
      ...{ clock: deps.clock, ids: deps.ids, legs: this.#legs },
      log: deps.log.with({ tenant }),
      digesters: {
        registrar: new Digester(deps.ids, credentials),
        proxy: new Digester(deps.ids, credentials),
      },
      contact: () => this.#callContact(),
    };
    this.#registrant = new Registrant(this.#context, account.options, () => this.#contactUri);
  }

  register(request: RegisterRequest, onOutcome: (outcome: RegisterOutcome) => void): void {
    this.#registrant.register(request, onOutcome);
  }

  useServiceRoute(route: readonly string[]): void {
    this.#serviceRoute = route;
  }

  useGruus(gruus: Gruus): void {
    this.#gruu = gruus.public;
  }

  useNextProxy(): void {
    queueMicrotask(() => {
      this.#onEvent({ kind: 'no-other-proxy' });
    });
  }

  invite(invite: OutgoingInvite, onEvent: (event: SipLegEvent) => void): SipLeg {
    const leg = new OutgoingLeg(this.#context, invite, onEvent);
    leg.start();
    return leg;
  }

  close(): void {
    this.#endLegs('account closed');
    this.#core.dispose();
    this.flow.leave(this);
    this.#whenClosed();
  }

  isUp(): void {
    this.#onEvent({ kind: 'flow-up' });
  }

  /** Transactions of the lost connection can never end well: they are dropped at once. */
  isLost(reason: string): void {
    this.#core.reset();
    this.#endLegs(reason);
    this.#onEvent({ kind: 'flow-lost', reason });
  }

  /** Whether a Request-URI names this account itself, where a network ignores our Contact. */
  isAddressedBy(uri: SipUri): boolean {
    return this.#address !== undefined && sameAddress(this.#address, uri);
  }

  receiveRequest(message: SipMessage): void {
    const request = toRequest(message);
    if (request) this.#core.receiveIncomingRequestFromTransport(request);
  }

  /** `branch`: of our making, without the mark. */
  receiveResponse(message: SipMessage, branch: string): void {
    const response = toResponse(message, branch);
    if (response) this.#core.receiveIncomingResponseFromTransport(response);
  }

  #endLegs(reason: string): void {
    for (const leg of [...this.#legs]) leg.flowLost(reason);
  }

  #invited(request: IncomingInviteRequest): void {
    const { invite } = new IncomingLeg(this.#context, request);
    this.#onEvent({ kind: 'incoming', invite });
  }

  #callContact(): string {
    return callContact(this.#gruu ?? this.#contactUri);
  }

  get #contactUri(): string {
    return `sip:${this.token}@${this.flow.announced}${this.flow.transportParameter}`;
  }

  /** Getters, because the address is known only once the flow is up and changes with it. */
  #configuration({ impu }: SipAccountOptions): UserAgentCoreConfiguration {
    const loggerFactory = new LoggerFactory();
    loggerFactory.builtinEnabled = false;
    const contactUri = (): WireUri => requireUri(this.#contactUri);
    const transport = this.#transport();
    const route = (): string[] => [this.flow.route, ...this.#serviceRoute];
    const viaHost = (): string => this.flow.announced;
    return {
      aor: requireUri(impu),
      contact: {
        ...{ pubGruu: undefined, tempGruu: undefined },
        get uri() {
          return contactUri();
        },
        toString: () => this.#callContact(),
      },
      ...{ displayName: '', loggerFactory, hackViaTcp: false, sipjsId: '' },
      get routeSet() {
        return route();
      },
      supportedOptionTags: INVITE_OPTION_TAGS,
      supportedOptionTagsResponse: ['outbound'],
      ...{ userAgentHeaderFieldValue: 'Isthmus', viaForceRport: true },
      get viaHost() {
        return viaHost();
      },
      // Challenges are answered by `RequestAuthorization` and `Registrant`.
      authenticationFactory: () => undefined,
      transportAccessor: () => transport,
    };
  }

  #transport(): Transport {
    return {
      protocol: this.flow.protocol,
      send: (text) => {
        try {
          this.flow.send(this.#marked(text));
          return Promise.resolve();
        } catch (cause) {
          const reason = cause instanceof Error ? cause.message : 'not sent';
          return Promise.reject(new TransportError(reason));
        }
      },
    };
  }

  /** A request's branch carries our token, so that its responses find this core. */
  #marked(text: string): string {
    return text.startsWith('SIP/2.0 ') ? text : text.replace(TOP_BRANCH, `$1.${this.token}`);
  }
}

function requireUri(text: string): WireUri {
  const uri = wireUri(text);
  if (!uri) throw new TypeError('an identity is no URI');
  return uri;
}

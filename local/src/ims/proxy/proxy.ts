import type { Clock } from '../clock.ts';
import type { RegEvents } from '../events/reg-events.ts';
import type { Bindings } from '../registrar/bindings.ts';
import { BULK_EXTENSION, contactOfNumber, isBulkContact } from '../registrar/bulk.ts';
import { addressOf, tagOf } from '../sip/header-values.ts';
import {
  allHeaders,
  firstHeader,
  type SipRequest,
  type SipResponse,
  withChangedTop,
  withHeader,
  withoutHeaders,
  withTopHeader,
} from '../sip/message.ts';
import { type ResponseOptions, responseTo } from '../sip/respond.ts';
import { parseUri } from '../sip/sip-uri.ts';
import { randomBranch, randomToken } from '../sip/tokens.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import type { Transactions, TransactionUser } from '../transaction/transactions.ts';
import type { Flow } from '../transport/flow.ts';
import { forkTo, type Target } from './fork.ts';
import { originOf } from './originating.ts';
import {
  type DialogEnds,
  dialogEnds,
  isOwn,
  type OwnAddress,
  recordRouteOf,
  viaOf,
} from './own-address.ts';
import { type Destination, type DestinationDeps, destinationOf } from './terminating.ts';

export interface ProxyDeps extends Omit<DestinationDeps, 'domains'> {
  readonly clock: Clock;
  readonly bindings: Bindings;
  readonly register: (request: SipRequest, flow: Flow) => SipResponse;
  readonly events: RegEvents;
  /** Leads to the services of this network, which are trusted. */
  readonly servicesFlow: Flow;
  readonly transactions: () => Transactions;
}

export interface ProxyOptions {
  readonly domains: readonly string[];
  /** Whether many numbers may be registered by one Contact (RFC 6140). */
  readonly bulkRegistration: boolean;
  readonly own: () => OwnAddress;
}

const SERVICES_END = 'services';
const DIALOG_MAKERS = new Set(['INVITE', 'REFER']);
/** Headers only the network may set, and those that end at it. */
const NETWORK_HEADERS = [
  'Route',
  'P-Preferred-Identity',
  'P-Asserted-Identity',
  'P-Called-Party-ID',
  'P-Charging-Vector',
];

/** P-CSCF and S-CSCF in one: a stateful, record-routing proxy that leaves SDP as it is. */
export function createProxy(deps: ProxyDeps, options: ProxyOptions): TransactionUser {
  return new CoreProxy(deps, options);
}

class CoreProxy implements TransactionUser {
  readonly #deps: ProxyDeps;
  readonly #options: ProxyOptions;

  constructor(deps: ProxyDeps, options: ProxyOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  onRequest(transaction: ServerTransaction): void {
    const { request, flow } = transaction;
    const refusal = refusalOf(request, this.#options.bulkRegistration);
    if (refusal !== undefined) refuse(transaction, refusal);
    else if (request.method === 'REGISTER') {
      transaction.respond(this.#deps.register(request, flow));
    } else if (tagOf(firstHeader(request, 'To')) !== undefined) this.#inDialog(transaction);
    else if (this.#isForUs(request)) refuse(transaction, { status: 200 });
    else this.#begin(transaction);
  }

  onAck(ack: SipRequest, flow: Flow): void {
    const target = this.#dialogTarget(ack, flow);
    if ('status' in target) return;
    const { request, via } = target;
    this.#deps.transactions().send(withTopHeader(request, 'Via', via), target.flow);
  }

  #isForUs({ method, uri }: SipRequest): boolean {
    const target = parseUri(uri);
    if (method !== 'OPTIONS' || target === undefined || target.scheme === 'tel') return false;
    const isHome = this.#options.domains.includes(target.host);
    return target.user === undefined && (isHome || isOwn(target, this.#options.own()));
  }

  #inDialog(transaction: ServerTransaction): void {
    if (transaction.request.method === 'SUBSCRIBE') {
      this.#deps.events.goOn(transaction);
      return;
    }
    const target = this.#dialogTarget(transaction.request, transaction.flow);
    if ('status' in target) refuse(transaction, target);
    else this.#fork([target], transaction);
  }

  #dialogTarget(request: SipRequest, flow: Flow): Target | ResponseOptions {
    const own = this.#options.own();
    const ends = dialogEnds(addressOf(firstHeader(request, 'Route')), own);
    if (ends === undefined) return { status: 403, reason: 'Route does not follow Record-Route' };
    const [caller, callee] = [this.#flowOf(ends.caller), this.#flowOf(ends.callee)];
    if (flow.id !== caller?.id && flow.id !== callee?.id) {
      return { status: 403, reason: 'Not a party of this dialog' };
    }
    const other = flow.id === caller?.id ? callee : caller;
    if (other === undefined || !other.isOpen()) return { status: 480 };
    const stripped = withoutHeaders(request, ...NETWORK_HEADERS);
    return { request: hopped(stripped), via: viaOf(other, own, randomBranch()), flow: other };
  }

  #flowOf(end: string): Flow | undefined {
    return end === SERVICES_END ? this.#deps.servicesFlow : this.#deps.bindings.flowOf(end);
  }

  #begin(transaction: ServerTransaction): void {
    const { request, flow } = transaction;
    const own = this.#options.own();
    if (flow.id === this.#deps.servicesFlow.id) {
      const domain = parseUri(addressOf(firstHeader(request, 'From')) ?? '');
      this.#deliver(transaction, {
        caller: SERVICES_END,
        asserted: addressOf(firstHeader(request, 'P-Asserted-Identity')) ?? '',
        nearDomain: domain === undefined || domain.scheme === 'tel' ? '' : domain.host,
      });
      return;
    }
    const origin = originOf(request, flow, { bindings: this.#deps.bindings, own });
    if (!origin.ok) {
      refuse(transaction, origin.refusal);
      return;
    }
    // Of events the S-CSCF serves its own, and sends none on.
    if (request.method === 'SUBSCRIBE') {
      this.#deps.events.begin(transaction, origin.binding);
      return;
    }
    if (request.method === 'PUBLISH') {
      refuse(transaction, { status: 489 });
      return;
    }
    const { binding, asserted } = origin;
    const nearDomain = binding.subscriber.domain;
    this.#deliver(transaction, { caller: binding.id, asserted, nearDomain });
  }

  #deliver(
    transaction: ServerTransaction,
    from: { readonly caller: string; readonly asserted: string; readonly nearDomain: string },
  ): void {
    const { request } = transaction;
    const deps = { ...this.#deps, domains: this.#options.domains };
    const destination = destinationOf(request.uri, from.nearDomain, deps);
    if (destination.kind === 'none') {
      refuse(transaction, destination.refusal);
      return;
    }
    const bare = hopped(withoutHeaders(request, ...NETWORK_HEADERS));
    const asserted = withHeader(bare, 'P-Asserted-Identity', `<${from.asserted}>`);
    const ready = withHeader(asserted, 'P-Called-Party-ID', `<${destination.impu}>`);
    const targets = this.#ends(destination).map(({ end, uri, flow }) => {
      const ends = { caller: from.caller, callee: end };
      const flows = { caller: transaction.flow, callee: flow };
      // A PBX with a block finds the number in its own Contact, and nowhere else (RFC 6140 §5.3).
      const isOfBlock = uri !== undefined && isBulkContact(uri);
      const to = isOfBlock ? contactOfNumber(uri, destination.impu) : (uri ?? request.uri);
      return this.#target({ ...(isOfBlock ? asserted : ready), uri: to }, ends, flows);
    });
    this.#fork(targets, transaction);
  }

  #ends(
    destination: Exclude<Destination, { kind: 'none' }>,
  ): readonly { readonly end: string; readonly uri?: string; readonly flow: Flow }[] {
    if (destination.kind === 'service') {
      return [{ end: SERVICES_END, flow: this.#deps.servicesFlow }];
    }
    return destination.bindings.map(({ id, contactUri, flow }) => ({
      end: id,
      uri: contactUri,
      flow,
    }));
  }

  #target(
    request: SipRequest,
    ends: DialogEnds,
    flows: { readonly caller: Flow; readonly callee: Flow },
  ): Target {
    const own = this.#options.own();
    const isToService = flows.callee.id === this.#deps.servicesFlow.id;
    const isPrivate =
      !isToService && /\b(id|header)\b/i.test(firstHeader(request, 'Privacy') ?? '');
    const shown = isPrivate ? withoutHeaders(request, 'P-Asserted-Identity') : request;
    const via = viaOf(flows.callee, own, randomBranch());
    if (!DIALOG_MAKERS.has(request.method)) return { request: shown, via, flow: flows.callee };
    const routes = this.#recordRoutes(ends, flows);
    const recorded = routes.reduce((it, route) => withTopHeader(it, 'Record-Route', route), shown);
    return { request: recorded, via, flow: flows.callee };
  }

  /** Two entries where the transport changes, each side's own nearest to it (RFC 5658 §3). */
  #recordRoutes(
    ends: DialogEnds,
    flows: { readonly caller: Flow; readonly callee: Flow },
  ): readonly string[] {
    const isOneSided = Object.values(ends).includes(SERVICES_END);
    const real = [flows.caller, flows.callee].filter((it) => it.id !== this.#deps.servicesFlow.id);
    const routes = real.map((flow) => recordRouteOf(ends, flow, this.#options.own()));
    return isOneSided ? routes : [...new Set(routes)];
  }

  #fork(targets: readonly Target[], transaction: ServerTransaction): void {
    const { clock, transactions } = this.#deps;
    forkTo(targets, transaction, { clock, transactions: transactions() });
  }
}

/** Extensions of registration that this registrar knows. */
const REGISTER_EXTENSIONS = new Set(['path', 'outbound', 'gruu']);

function refusalOf(request: SipRequest, knowsBulk: boolean): ResponseOptions | undefined {
  const hops = Number(firstHeader(request, 'Max-Forwards') ?? '70');
  if (hops <= 0) return { status: 483 };
  const isRegister = request.method === 'REGISTER';
  const ofRegistrar = isRegister ? allHeaders(request, 'Require') : [];
  const isKnown = (it: string): boolean => isRegister && knowsBulk && it === BULK_EXTENSION;
  const demanded = [
    ...allHeaders(request, 'Proxy-Require').filter((it) => !isKnown(it)),
    ...ofRegistrar.filter((it) => !REGISTER_EXTENSIONS.has(it) && !isKnown(it)),
  ];
  if (demanded.length === 0) return undefined;
  return { status: 420, headers: { Unsupported: demanded.join(', ') } };
}

function refuse(transaction: ServerTransaction, options: ResponseOptions): void {
  transaction.respond(responseTo(transaction.request, { ...options, toTag: randomToken() }));
}

function hopped(request: SipRequest): SipRequest {
  const hops = Number(firstHeader(request, 'Max-Forwards') ?? '70');
  const left = String(Math.min(70, Number.isNaN(hops) ? 70 : hops - 1));
  return firstHeader(request, 'Max-Forwards') === undefined
    ? withHeader(request, 'Max-Forwards', left)
    : withChangedTop(request, 'Max-Forwards', left);
}

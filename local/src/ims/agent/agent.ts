import type { Clock } from '../clock.ts';
import type { CallReport, ImsLog } from '../ims-types.ts';
import { openRtpEndpoint } from '../media/rtp-endpoint.ts';
import { openVideoMirror } from '../media/video-mirror.ts';
import { tagOf } from '../sip/header-values.ts';
import {
  allHeaders,
  firstHeader,
  type SipRequest,
  type SipResponse,
  withTopHeader,
} from '../sip/message.ts';
import { responseTo } from '../sip/respond.ts';
import { parseUri } from '../sip/sip-uri.ts';
import { randomBranch, randomToken } from '../sip/tokens.ts';
import type { ClientTransaction } from '../transaction/client-transaction.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import type { Transactions, TransactionUser } from '../transaction/transactions.ts';
import type { Flow } from '../transport/flow.ts';
import { AgentCall, type AgentCallFacts, ALLOWED } from './agent-call.ts';
import { callBack } from './call-back.ts';
import { dialogKey, localTagOf } from './dialog.ts';
import { assertedCaller, createIncomingCall } from './incoming-call.ts';
import { statusOfMessage, writeBack } from './messages.ts';
import { SERVICES, type Service } from './services.ts';

export interface AgentDeps {
  readonly clock: Clock;
  readonly log: ImsLog;
  readonly transactions: () => Transactions;
  /** Leads to the network. */
  readonly network: Flow;
}

export interface Agent extends TransactionUser {
  calls(): readonly CallReport[];
  close(): void;
}

const REMEMBERED_CALLS = 1_000;

/** The answering machines behind the service numbers: a user agent of its own on a trusted flow. */
export function createAgent(deps: AgentDeps, { host }: { readonly host: string }): Agent {
  return new ServiceAgent(deps, host);
}

class ServiceAgent implements Agent {
  readonly #deps: AgentDeps;
  readonly #host: string;
  readonly #calls = new Map<string, AgentCall>();

  constructor(deps: AgentDeps, host: string) {
    this.#deps = deps;
    this.#host = host;
  }

  onRequest(transaction: ServerTransaction): void {
    const { request } = transaction;
    if (tagOf(firstHeader(request, 'To')) !== undefined) this.#inDialog(transaction);
    else if (request.method === 'INVITE') this.#invited(transaction);
    else if (request.method === 'MESSAGE') this.#written(transaction);
    else reply(transaction, request.method === 'OPTIONS' ? 200 : 405);
  }

  onAck(ack: SipRequest): void {
    this.#callOf(ack)?.acknowledged(ack);
  }

  calls(): readonly CallReport[] {
    return [...this.#calls.values()].map((call) => call.report());
  }

  close(): void {
    for (const call of this.#calls.values()) call.end('simulator closed');
  }

  #callOf(request: SipRequest): AgentCall | undefined {
    const callId = firstHeader(request, 'Call-ID') ?? '';
    return this.#calls.get(dialogKey(callId, localTagOf(request)));
  }

  #inDialog(transaction: ServerTransaction): void {
    const call = this.#callOf(transaction.request);
    if (call === undefined) reply(transaction, 481);
    else call.handle(transaction);
  }

  #written(transaction: ServerTransaction): void {
    const { request } = transaction;
    const service = serviceIn(request);
    reply(transaction, statusOfMessage(service));
    if (service !== 'echo') return;
    this.#start(writeBack(request, assertedCaller(request)));
  }

  #invited(transaction: ServerTransaction): void {
    const { request } = transaction;
    const demanded = allHeaders(request, 'Require');
    const name = serviceIn(request);
    const service = SERVICES.find((it) => it.name === name);
    if (demanded.length > 0) reply(transaction, 420, { Unsupported: demanded.join(', ') });
    else if (service === undefined) reply(transaction, 404);
    else this.#serve(service, transaction);
  }

  #serve(service: Service, transaction: ServerTransaction): void {
    const { request } = transaction;
    const peer = assertedCaller(request);
    const callId = firstHeader(request, 'Call-ID') ?? '';
    const call = this.#open({ service: service.name, callId, peer, direction: 'incoming' });
    const incoming = createIncomingCall(
      {
        ...{ call, transaction, host: this.#host },
        openEndpoint: () => this.#openEndpoint(),
        openVideo: () => openVideoMirror(this.#host),
      },
      service,
    );
    const back = (): void => {
      this.#callBack(service, request.uri, peer);
    };
    const done = service.run(incoming, { clock: this.#deps.clock, callBack: back });
    Promise.resolve(done).catch((error: unknown) => {
      this.#deps.log.warn('a service failed', { service: service.name, error: String(error) });
      incoming.reject(500);
    });
  }

  #callBack(service: Service, from: string, target: string): void {
    const callId = randomToken();
    const call = this.#open({ service: service.name, callId, peer: target, direction: 'outgoing' });
    const deps = {
      clock: this.#deps.clock,
      host: this.#host,
      openEndpoint: () => this.#openEndpoint(),
      start: (request: SipRequest, onResponse: (response: SipResponse) => void) =>
        this.#start(request, onResponse),
      sendAck: (ack: SipRequest) => {
        this.#sendAck(ack);
      },
      send: (request: SipRequest) => {
        this.#start(request);
      },
    };
    callBack({ call, from, target }, deps).catch((error: unknown) => {
      this.#deps.log.warn('a call back failed', { error: String(error) });
      call.end('failed');
    });
  }

  #open(facts: Omit<AgentCallFacts, 'localTag' | 'contact'>): AgentCall {
    const localTag = randomToken();
    const deps = {
      clock: this.#deps.clock,
      send: (request: SipRequest) => {
        this.#start(request);
      },
      ask: (request: SipRequest, onResponse: (response: SipResponse) => void) => {
        this.#start(request, onResponse);
      },
      acknowledge: (ack: SipRequest) => {
        this.#sendAck(ack);
      },
    };
    const contact = `<sip:${facts.service}@${this.#host}>`;
    const call = new AgentCall(deps, { ...facts, localTag, contact });
    this.#calls.set(dialogKey(facts.callId, localTag), call);
    this.#forgetOldest();
    return call;
  }

  #forgetOldest(): void {
    if (this.#calls.size <= REMEMBERED_CALLS) return;
    const oldest = [...this.#calls].find(([, call]) => call.isOver)?.[0];
    if (oldest !== undefined) this.#calls.delete(oldest);
  }

  #openEndpoint(): ReturnType<typeof openRtpEndpoint> {
    return openRtpEndpoint(this.#host, this.#deps.clock);
  }

  #start(
    request: SipRequest,
    onResponse: (response: SipResponse) => void = () => undefined,
  ): ClientTransaction {
    return this.#deps.transactions().start(this.#withVia(request), this.#deps.network, onResponse);
  }

  #sendAck(ack: SipRequest): void {
    this.#deps.transactions().send(this.#withVia(ack), this.#deps.network);
  }

  #withVia(request: SipRequest): SipRequest {
    return withTopHeader(request, 'Via', `SIP/2.0/TCP ${this.#host};branch=${randomBranch()}`);
  }
}

function serviceIn({ uri: text }: SipRequest): string {
  const uri = parseUri(text);
  return uri === undefined || uri.scheme === 'tel' ? '' : (uri.user ?? '');
}

function reply(
  transaction: ServerTransaction,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): void {
  const more = { Allow: ALLOWED, ...headers };
  transaction.respond(
    responseTo(transaction.request, { status, toTag: randomToken(), headers: more }),
  );
}

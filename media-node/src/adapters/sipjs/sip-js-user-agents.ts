import { constructOutgoingResponse } from 'sip.js/lib/core/messages/outgoing-response.js';
import type { SipMessage } from '../../core/sip/message.ts';
import { unacceptable } from '../../core/sip/unacceptable.ts';
import { addressKey, type SipUri } from '../../core/sip/uri.ts';
import type { SipAccountOptions } from '../../ports/sip-accounts.ts';
import type { SipUserAgent, SipUserAgentEvent, SipUserAgents } from '../../ports/sip-user-agent.ts';
import { Agent } from './agent.ts';
import type { Flow, FlowDeps } from './flow.ts';
import { Flows } from './flows.ts';
import { toRequest } from './incoming-messages.ts';
import type { FlowOptions } from './local-addresses.ts';
import { correctSipJs } from './sip-js-corrections.ts';

const TOKEN_BITS = 96;

/** SIP on sip.js's core layer; accounts behind the same P-CSCF share one flow. */
export function createSipJsUserAgents(deps: FlowDeps, options: FlowOptions): SipUserAgents {
  correctSipJs();
  return new SipJsUserAgents(deps, options);
}

class SipJsUserAgents implements SipUserAgents {
  readonly #deps: FlowDeps;
  readonly #flows: Flows;
  readonly #agents = new Map<string, Agent>();
  readonly #addressed = new Map<string, Set<Agent>>();

  constructor(deps: FlowDeps, options: FlowOptions) {
    this.#deps = deps;
    this.#flows = new Flows(deps, options, (message, from) => {
      this.#receive(message, from);
    });
  }

  open(options: SipAccountOptions, onEvent: (event: SipUserAgentEvent) => void): SipUserAgent {
    const token = this.#deps.ids.random(TOKEN_BITS);
    const { access: ims, tenant } = options;
    const flow = this.#flows.to({ ims, tenant, avoided: new Map() });
    const whenClosed = (closed: Agent): void => {
      this.#forget(closed);
    };
    const place = { token, flow, flows: this.#flows, whenClosed };
    const agent = new Agent(this.#deps, place, { options, onEvent });
    this.#remember(agent);
    queueMicrotask(() => {
      if (this.#agents.get(token) === agent) agent.flow.join(agent);
    });
    return agent;
  }

  close(): Promise<void> {
    for (const agent of [...this.#agents.values()]) agent.close();
    this.#flows.close();
    return Promise.resolve();
  }

  #remember(agent: Agent): void {
    this.#agents.set(agent.token, agent);
    const sharing = this.#addressed.get(agent.address);
    if (sharing) sharing.add(agent);
    else this.#addressed.set(agent.address, new Set([agent]));
  }

  #forget(agent: Agent): void {
    this.#agents.delete(agent.token);
    const sharing = this.#addressed.get(agent.address);
    sharing?.delete(agent);
    if (sharing?.size === 0) this.#addressed.delete(agent.address);
  }

  #receive(message: SipMessage, flow: Flow): void {
    const { start } = message;
    if (start.kind === 'response') {
      this.#receiveResponse(message, flow);
      return;
    }
    const named = this.#agents.get(start.uri.user ?? '');
    const agent = named?.flow === flow ? named : this.#agentAt(start.uri, message, flow);
    const refusal = agent ? unacceptable(message) : refusalOfStranger(message);
    if (refusal) refuse(message, flow, refusal);
    else agent?.receiveRequest(message);
  }

  /** A network may ignore our Contact; where two tenants have the same identity, nobody is meant. */
  #agentAt(uri: SipUri, message: SipMessage, flow: Flow): Agent | undefined {
    const known = this.#addressed.get(addressKey(uri));
    const meant = known ? [...known] : this.#withBlockOf(uri, message);
    const here = meant.filter((it) => it.flow === flow);
    const last = here.at(-1);
    return here.every(({ tenant }) => tenant === last?.tenant) ? last : undefined;
  }

  #withBlockOf(uri: SipUri, { headers }: SipMessage): readonly Agent[] {
    const values = (name: string): readonly string[] =>
      headers.filter((it) => it.name === name).map(({ value }) => value);
    return [...this.#agents.values()].filter(({ block }) => block.isCalled(uri, values));
  }

  #receiveResponse(message: SipMessage, flow: Flow): void {
    const { branch } = message.via;
    const mark = branch.lastIndexOf('.');
    const agent = this.#agents.get(branch.slice(mark + 1));
    if (agent?.flow === flow) agent.receiveResponse(message, branch.slice(0, mark));
  }
}

interface Refusal {
  readonly statusCode: number;
  readonly extraHeaders?: string[];
}

/**
 * No account of ours: 404 (RFC 3261 §8.2.2.1). OPTIONS only asks whether we live; NOTIFY, whether
 * its subscription does, which ended with the account (RFC 6665 §4.1.3).
 */
function refusalOfStranger(message: SipMessage): Refusal {
  const { start } = message;
  if (start.kind === 'request' && start.method === 'NOTIFY') return { statusCode: 481 };
  const isPing = start.kind === 'request' && start.method === 'OPTIONS';
  return isPing ? (unacceptable(message) ?? { statusCode: 200 }) : { statusCode: 404 };
}

/** Statelessly: the same request again gets the same answer (RFC 3261 §8.2.7). */
function refuse(message: SipMessage, flow: Flow, refusal: Refusal): void {
  const request = toRequest(message);
  if (!request || request.method === 'ACK') return;
  flow.send(constructOutgoingResponse(request, refusal).message);
}

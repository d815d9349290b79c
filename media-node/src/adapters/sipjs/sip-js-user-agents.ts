import type { ImsAccess } from '@isthmus/shared/store/items';
import { constructOutgoingResponse } from 'sip.js/lib/core/messages/outgoing-response.js';
import type { SipMessage } from '../../core/sip/message.ts';
import { unacceptable } from '../../core/sip/unacceptable.ts';
import type { SipAccountOptions } from '../../ports/sip-accounts.ts';
import type { SipUserAgent, SipUserAgentEvent, SipUserAgents } from '../../ports/sip-user-agent.ts';
import { Agent } from './agent.ts';
import { Flow, type FlowDeps, type FlowOptions } from './flow.ts';
import { toRequest } from './incoming-messages.ts';
import { correctSipJs } from './sip-js-corrections.ts';

const TOKEN_BITS = 96;

/** SIP on sip.js's core layer; accounts behind the same P-CSCF share one flow. */
export function createSipJsUserAgents(deps: FlowDeps, options: FlowOptions): SipUserAgents {
  correctSipJs();
  return new SipJsUserAgents(deps, options);
}

class SipJsUserAgents implements SipUserAgents {
  readonly #deps: FlowDeps;
  readonly #options: FlowOptions;
  readonly #flows = new Map<string, Flow>();
  readonly #agents = new Map<string, Agent>();

  constructor(deps: FlowDeps, options: FlowOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  open(options: SipAccountOptions, onEvent: (event: SipUserAgentEvent) => void): SipUserAgent {
    const token = this.#deps.ids.random(TOKEN_BITS);
    const flow = this.#flow(options.access);
    const whenClosed = (): void => {
      this.#agents.delete(token);
    };
    const agent = new Agent(this.#deps, { token, flow, whenClosed }, { options, onEvent });
    this.#agents.set(token, agent);
    queueMicrotask(() => {
      flow.join(agent);
    });
    return agent;
  }

  close(): Promise<void> {
    for (const agent of [...this.#agents.values()]) agent.close();
    for (const flow of this.#flows.values()) flow.close();
    this.#flows.clear();
    return Promise.resolve();
  }

  #flow(access: ImsAccess): Flow {
    const key = JSON.stringify([access.transport, access.pcscf, access.largeRequests, access.tls]);
    const known = this.#flows.get(key);
    if (known) return known;
    const flow = new Flow(this.#deps, { access, options: this.#options }, (message, from) => {
      this.#receive(message, from);
    });
    this.#flows.set(key, flow);
    return flow;
  }

  #receive(message: SipMessage, flow: Flow): void {
    const { start } = message;
    if (start.kind === 'response') {
      this.#receiveResponse(message);
      return;
    }
    const named = this.#agents.get(start.uri.user ?? '');
    const agent =
      named?.flow === flow ? named : this.#agentsOn(flow).find((it) => it.isAddressedBy(start.uri));
    const refusal = agent ? unacceptable(message) : refusalOfStranger(message);
    if (refusal) refuse(message, flow, refusal);
    else agent?.receiveRequest(message);
  }

  #receiveResponse(message: SipMessage): void {
    const { branch } = message.via;
    const mark = branch.lastIndexOf('.');
    this.#agents.get(branch.slice(mark + 1))?.receiveResponse(message, branch.slice(0, mark));
  }

  #agentsOn(flow: Flow): readonly Agent[] {
    return [...this.#agents.values()].filter((it) => it.flow === flow);
  }
}

interface Refusal {
  readonly statusCode: number;
  readonly extraHeaders?: string[];
}

/** No account of ours: 404 (RFC 3261 §8.2.2.1). OPTIONS only asks whether we live. */
function refusalOfStranger(message: SipMessage): Refusal {
  const { start } = message;
  const isPing = start.kind === 'request' && start.method === 'OPTIONS';
  return isPing ? (unacceptable(message) ?? { statusCode: 200 }) : { statusCode: 404 };
}

/** Statelessly: the same request again gets the same answer (RFC 3261 §8.2.7). */
function refuse(message: SipMessage, flow: Flow, refusal: Refusal): void {
  const request = toRequest(message);
  if (!request || request.method === 'ACK') return;
  flow.send(constructOutgoingResponse(request, refusal).message);
}

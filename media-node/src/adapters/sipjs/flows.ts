import type { SipMessage } from '../../core/sip/message.ts';
import { Flow, type FlowAccess, type FlowDeps, type FlowUser } from './flow.ts';
import type { FlowOptions } from './local-addresses.ts';

/** A flow nobody uses is closed after this; somebody often comes right back. */
const IDLE_MS = 30_000;

/** One flow for all that may share it. */
export class Flows {
  readonly #deps: FlowDeps;
  readonly #options: FlowOptions;
  readonly #receive: (message: SipMessage, flow: Flow) => void;
  readonly #flows = new Map<string, Flow>();
  readonly #cancels = new Map<Flow, () => void>();

  constructor(
    deps: FlowDeps,
    options: FlowOptions,
    receive: (message: SipMessage, flow: Flow) => void,
  ) {
    this.#deps = deps;
    this.#options = options;
    this.#receive = receive;
  }

  to(access: FlowAccess): Flow {
    const key = keyOf(access);
    const known = this.#flows.get(key);
    if (known) return known;
    const flow = new Flow(this.#deps, { access, options: this.#options }, this.#receive);
    this.#flows.set(key, flow);
    return flow;
  }

  /** Undefined where the tenant has no P-CSCF but those avoided. */
  around(flow: Flow, avoided: ReadonlyMap<string, number>): Flow | undefined {
    if (!flow.hasOther(new Set(avoided.keys()))) return undefined;
    return this.to({ ...flow.access, avoided });
  }

  leave(flow: Flow, user: FlowUser): void {
    flow.leave(user);
    if (flow.userCount > 0 || this.#cancels.has(flow)) return;
    const cancel = this.#deps.clock.after(IDLE_MS, () => {
      this.#cancels.delete(flow);
      if (flow.userCount === 0) this.#close(flow);
    });
    this.#cancels.set(flow, cancel);
  }

  close(): void {
    for (const cancel of this.#cancels.values()) cancel();
    this.#cancels.clear();
    for (const flow of this.#flows.values()) flow.close();
    this.#flows.clear();
  }

  #close(flow: Flow): void {
    flow.close();
    const key = keyOf(flow.access);
    if (this.#flows.get(key) === flow) this.#flows.delete(key);
  }
}

/** What two must have in common to share a flow; a certificate of ours is one tenant's. */
function keyOf({ avoided, ims, tenant }: FlowAccess): string {
  const { largeRequests, pcscf, registrationsPerS, timers, tls, transport, transports } = ims;
  const owner = tls?.client ? tenant : '';
  const shape = [transport, transports, pcscf, largeRequests, tls, timers, registrationsPerS];
  return JSON.stringify([shape, owner, [...avoided.keys()].sort()]);
}

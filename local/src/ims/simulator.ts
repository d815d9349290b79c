import { createAgent } from './agent/agent.ts';
import { SERVICES } from './agent/services.ts';
import { createScopedClock, systemClock } from './clock.ts';
import { createRegEvents } from './events/reg-events.ts';
import type { ImsSimulator, ImsSimulatorOptions, TraceEntry } from './ims-types.ts';
import { createProxy } from './proxy/proxy.ts';
import { createAuthenticator } from './registrar/authenticator.ts';
import { type Bindings, createBindings } from './registrar/bindings.ts';
import { associatedUris, createSubscribers, type Subscribers } from './registrar/identities.ts';
import { createRegistrar } from './registrar/registrar.ts';
import type { SipMessage } from './sip/message.ts';
import { parseMessage } from './sip/parse-message.ts';
import { responseTo } from './sip/respond.ts';
import { randomToken } from './sip/tokens.ts';
import { writeMessage } from './sip/write-message.ts';
import { createTrace } from './trace.ts';
import { createTransactions, type Transactions } from './transaction/transactions.ts';
import type { Flow } from './transport/flow.ts';
import { createInnerFlows } from './transport/inner-flows.ts';
import { withReceived } from './transport/received.ts';
import { openSipListeners } from './transport/sip-listeners.ts';
import type { Frame } from './transport/tcp-framer.ts';

const MIN_EXPIRES_S = 60;

/** An IMS core for one machine: P-CSCF, registrar, routing and services that answer calls. */
export async function startImsSimulator(options: ImsSimulatorOptions): Promise<ImsSimulator> {
  const clock = createScopedClock(options.clock ?? systemClock);
  const trace = createTrace();
  const bindings = createBindings(clock);
  const drops = new Map<string, number>();
  const subscribers = createSubscribers(options.subscribers);
  const parts = { clock, bindings, subscribers };
  const core = createCore(options, { ...parts, own: () => own, trace: record });

  function record(direction: TraceEntry['direction'], bytes: string, flow: Flow): void {
    trace.add({ atMs: clock.nowMs(), direction, flow: flow.id, text: bytes });
  }

  function isDropped(message: SipMessage): boolean {
    const left = message.kind === 'request' ? (drops.get(message.method) ?? 0) : 0;
    if (left === 0 || message.kind !== 'request') return false;
    drops.set(message.method, left - 1);
    return true;
  }

  function onFrame({ head, body }: Frame, flow: Flow): void {
    record('in', `${head}\r\n\r\n${Buffer.from(body).toString('utf8')}`, flow);
    const outcome = parseMessage(head, body);
    if (!outcome.ok) {
      options.log.debug('malformed message', { flow: flow.id, reason: outcome.reason });
      if (outcome.answerable === undefined) return;
      const refusal = { status: 400, reason: `Bad ${outcome.reason}`, toTag: randomToken() };
      flow.send(writeMessage(responseTo(outcome.answerable, refusal)));
    } else if (!isDropped(outcome.message)) {
      core.transactions.receive(withReceived(outcome.message, flow), flow);
    }
  }

  function onClose(flow: Flow): void {
    bindings.removeFlow(flow);
    core.transactions.abandon(flow);
  }

  const at = { host: options.host, port: options.sipPort ?? 0 };
  const listeners = await openSipListeners(at, { onFrame, onClose });
  const own = { host: options.host, port: listeners.port };
  options.log.info('IMS simulator listens', { port: own.port });
  return {
    sipPort: own.port,
    services: SERVICES.map(({ name, what }) => ({ number: name, what })),
    registrations: () => registrationsOf(bindings),
    calls: () => core.agent.calls(),
    trace: () => trace.entries(),
    dropNext(method, times = 1) {
      drops.set(method, times);
    },
    terminateRegistration(impi) {
      bindings.end(impi, { event: 'forgotten' });
    },
    deregister(impu, why) {
      const owner = subscribers.ownerOf(impu);
      if (owner === undefined) throw new TypeError(`nobody has the identity ${impu}`);
      bindings.end(owner.subscriber.impi, why);
    },
    async close() {
      clock.cancelAll();
      core.agent.close();
      await listeners.close();
    },
  };
}

interface CoreParts {
  readonly clock: ReturnType<typeof createScopedClock>;
  readonly bindings: Bindings;
  readonly subscribers: Subscribers;
  readonly own: () => { readonly host: string; readonly port: number };
  readonly trace: (direction: TraceEntry['direction'], text: string, flow: Flow) => void;
}

interface Core {
  readonly transactions: Transactions;
  readonly agent: ReturnType<typeof createAgent>;
}

function createCore(
  options: ImsSimulatorOptions,
  { clock, bindings, own, subscribers, trace }: CoreParts,
): Core {
  const { domains, log, host } = options;
  const authenticator = createAuthenticator(clock, {
    algorithm: options.digestAlgorithm ?? 'MD5',
  });
  const register = createRegistrar(
    { subscribers, authenticator, bindings, nowMs: () => clock.nowMs() },
    {
      domains,
      minExpiresS: options.minExpiresS ?? MIN_EXPIRES_S,
      pathUri: () => `sip:term@${own().host}:${String(own().port)};lr`,
    },
  );
  const inner = createInnerFlows({
    onServices: (message) => {
      agentSide.receive(message, inner.toNetwork);
    },
    onNetwork: (message) => {
      transactions.receive(message, inner.toServices);
    },
  });
  const agent = createAgent(
    { clock, log, transactions: () => agentSide, network: inner.toNetwork },
    { host },
  );
  const agentSide = createTransactions({ clock, onSent: () => undefined }, agent);
  const isService = (name: string): boolean => SERVICES.some((it) => it.name === name);
  const proxy = createProxy(
    {
      clock,
      bindings,
      subscribers,
      isService,
      register,
      events: createRegEvents({ clock, bindings, transactions: () => transactions, own }),
      servicesFlow: inner.toServices,
      transactions: () => transactions,
    },
    { domains, own, bulkRegistration: options.bulkRegistration ?? false },
  );
  const onSent = (bytes: Uint8Array, flow: Flow): void => {
    trace('out', Buffer.from(bytes).toString('utf8'), flow);
  };
  const transactions = createTransactions({ clock, onSent }, proxy);
  return { transactions, agent };
}

function registrationsOf(bindings: Bindings): ReturnType<ImsSimulator['registrations']> {
  return bindings.all().map(({ subscriber, contactUri, flow, expiresAtMs }) => ({
    impi: subscriber.impi,
    defaultImpu: associatedUris(subscriber)[0] ?? '',
    contact: contactUri,
    transport: flow.transport,
    flow: flow.id,
    expiresAtMs,
  }));
}

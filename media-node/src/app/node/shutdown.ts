import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';

/** A node as its end sees it. */
export interface StoppableNode {
  readonly activeCalls: number;
  /** Registrations that other nodes are still to take. */
  readonly handOversLeft: number;
  drain(): Promise<void>;
  close(): Promise<void>;
}

export interface ShutdownDeps {
  /** Rejects where the node cannot start; whoever started it deals with that. */
  readonly node: Promise<StoppableNode>;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends the process. */
  readonly exit: (code: number) => void;
}

export interface ShutdownOptions {
  /** How long live calls may go on. */
  readonly drainMs: number;
}

const LOOK_EVERY_MS = 100;
/** How long the table may take to say whether there are other nodes. */
const OFFER_LIMIT_MS = 5_000;
/** De-registering waits for IMS, which may be gone; between `DRAIN_S` and SIGKILL are ten seconds. */
export const CLOSE_LIMIT_MS = 8_000;

/** The orderly end of the process: live calls first, then the registrations, then the node. */
export class Shutdown {
  readonly #deps: ShutdownDeps;
  readonly #options: ShutdownOptions;
  #phase: 'running' | 'draining' | 'closing' = 'running';

  constructor(deps: ShutdownDeps, options: ShutdownOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  /** The first request drains; a second closes at once. */
  async request(): Promise<void> {
    if (this.#phase === 'running') {
      this.#phase = 'draining';
      await this.#drain(await this.#deps.node);
    }
    await this.#close(0);
  }

  /** A bug has left the process in an unknown state: it ends, and another one takes over. */
  async fail(cause: unknown): Promise<void> {
    this.#deps.log.error('unexpected failure, the node closes', { cause });
    await this.#close(1);
  }

  async #drain(node: StoppableNode): Promise<void> {
    const { clock, log } = this.#deps;
    const endsMs = clock.nowMs() + this.#options.drainMs;
    log.info('node drains', { activeCalls: node.activeCalls });
    const drained = node.drain().catch((cause: unknown) => {
      log.error('node could not be drained', { cause });
    });
    // The registry may be out of reach.
    await Promise.race([drained, this.#pass(OFFER_LIMIT_MS)]);
    const isBusy = (): boolean => node.activeCalls + node.handOversLeft > 0;
    while (isBusy() && clock.nowMs() < endsMs && this.#phase === 'draining') {
      await this.#pass(LOOK_EVERY_MS);
    }
    log.info('node drained', { activeCalls: node.activeCalls });
  }

  async #close(code: number): Promise<void> {
    if (this.#phase === 'closing') return;
    this.#phase = 'closing';
    const { log, node } = this.#deps;
    const closed = node.then((it) => it.close()).then(() => true);
    try {
      const isClosed = await Promise.race([closed, this.#pass(CLOSE_LIMIT_MS)]);
      if (!isClosed) log.warn('node did not close in time');
    } catch (cause) {
      log.error('node could not be closed', { cause });
    }
    this.#deps.exit(code);
  }

  #pass(ms: number): Promise<false> {
    return new Promise((resolve) => {
      this.#deps.clock.after(ms, () => {
        resolve(false);
      });
    });
  }
}

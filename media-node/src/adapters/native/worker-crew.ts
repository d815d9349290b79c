import { IwfError } from '@isthmus/shared/errors/iwf-error';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { CommonEngineOptions } from './engine-options.ts';
import { MediaWorker, type WorkerEnd } from './media-worker.ts';

export interface WorkerCrewDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

export interface WorkerCrewOptions {
  readonly addon: string;
  readonly engine: CommonEngineOptions;
  /** One for each worker; 0 lets the system choose. */
  readonly browserPorts: readonly number[];
}

/** A worker that ends at once is not started in a circle. */
const REPLACED_AFTER_MS = 500;

/** As many workers as there are ports; one that ends is replaced, and its calls are lost alone. */
export class WorkerCrew {
  readonly #deps: WorkerCrewDeps;
  readonly #options: WorkerCrewOptions;
  readonly #workers: (MediaWorker | undefined)[] = [];
  readonly #waiting = new Set<() => void>();
  #isStopping = false;

  static async start(deps: WorkerCrewDeps, options: WorkerCrewOptions): Promise<WorkerCrew> {
    const crew = new WorkerCrew(deps, options);
    const starts = options.browserPorts.map((_, index) => crew.#start(index));
    const outcomes = await Promise.allSettled(starts);
    const failed = outcomes.find((it) => it.status === 'rejected');
    if (!failed) return crew;
    await crew.stop();
    throw failed.reason;
  }

  private constructor(deps: WorkerCrewDeps, options: WorkerCrewOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  /** The one with the fewest calls. */
  least(): MediaWorker {
    const alive = this.#workers.filter((it) => it !== undefined);
    const [first, ...others] = alive;
    if (!first) throw new IwfError('internal', { reason: 'no media worker runs' });
    return others.reduce((a, b) => (b.activeCalls < a.activeCalls ? b : a), first);
  }

  newDrops(): readonly (readonly [reason: string, count: number])[] {
    return this.#workers.flatMap((it) => it?.stats.newDrops() ?? []);
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const cancel of this.#waiting) cancel();
    await Promise.all(this.#workers.flatMap((it) => it?.stop() ?? []));
  }

  async #start(index: number): Promise<void> {
    const { addon, engine, browserPorts } = this.#options;
    const browser = { ...engine.browser, port: browserPorts[index] ?? 0 };
    const worker = await MediaWorker.start({ addon, ...engine, browser }, (end) => {
      this.#ended(index, end);
    });
    const { io, ringRefusal } = worker.own;
    this.#deps.log.info('media worker started', { worker: index, io, ringRefusal });
    if (this.#isStopping) await worker.stop();
    else this.#workers[index] = worker;
  }

  #ended(index: number, { code, signal, calls }: WorkerEnd): void {
    this.#workers[index] = undefined;
    if (this.#isStopping) return;
    const { log, metrics } = this.#deps;
    metrics.count('media_worker_ended');
    log.error('media worker ended', { worker: index, code, signal, callsLost: calls });
    this.#replaceLater(index);
  }

  #replaceLater(index: number): void {
    const { clock, log } = this.#deps;
    const cancel = clock.after(REPLACED_AFTER_MS, () => {
      this.#waiting.delete(cancel);
      this.#start(index).then(
        () => {
          if (!this.#isStopping) log.info('media worker replaced', { worker: index });
        },
        (cause: unknown) => {
          log.error('media worker could not be replaced', { worker: index, cause });
          if (!this.#isStopping) this.#replaceLater(index);
        },
      );
    });
    this.#waiting.add(cancel);
  }
}

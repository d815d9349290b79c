import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import type { BrowsersPort } from '../ice-tcp/tcp-call.ts';
import { type AddressAndPort, loadMediaAddon, type OpenedCall } from './media-addon.ts';
import { SharedStats } from './shared-stats.ts';
import type {
  CallOrder,
  OpenOrder,
  StartOptions,
  WorkerOrder,
  WorkerReport,
  WorkerStart,
} from './worker-protocol.ts';

export type CallReport = Extract<WorkerReport, { kind: 'event' | 'diverted' | 'of-video' }>;

/** One call as its worker sees it. */
export interface WorkerTenant {
  onReport(report: CallReport): void;
  /** The process is gone, and the media of this call with it. */
  onWorkerLost(): void;
}

export interface MediaWorkerOptions extends Omit<StartOptions, 'statsFd'> {
  readonly addon: string;
}

export interface WorkerEnd {
  readonly code: number | null;
  readonly signal: string | null;
  readonly calls: number;
}

/** Where a call is in its worker, told from the calls that sat there before. */
export interface WorkerSeat {
  readonly slot: number;
  readonly serial: number;
}

export interface Seat extends WorkerSeat {
  readonly call: OpenedCall;
}

/** Where the child finds its end of the shared memory: behind stdio and the channel. */
const STATS_FD = 4;
/** It runs one file and holds no data: the engine's memory is not Node's. */
const NODE_FLAGS = [
  '--disable-warning=ExperimentalWarning',
  '--max-old-space-size=64',
  '--max-semi-space-size=1',
];

/** In the sources, and beside the bundle of the container. */
const PLACES = ['./native-worker.ts', './native-worker.mjs'];

function workerFile(): string {
  const files = PLACES.map((place) => fileURLToPath(new URL(place, import.meta.url)));
  return files.find(existsSync) ?? '';
}

/** One worker process, and the calls it carries. */
export class MediaWorker implements BrowsersPort {
  readonly stats: SharedStats;
  /** The port it announces to browsers. */
  readonly port: number;
  readonly own: WorkerStart;
  readonly #process: ChildProcess;
  readonly #freeSlots: number[];
  readonly #tenants = new Map<number, WorkerTenant>();
  readonly #answers = new Map<string, (report: WorkerReport | undefined) => void>();
  #serial = 0;
  #isLost = false;

  static async start(
    options: MediaWorkerOptions,
    onEnd: (end: WorkerEnd) => void,
  ): Promise<MediaWorker> {
    const { fd, memory } = loadMediaAddon(options.addon).createStats(options.maxCalls);
    const child = fork(workerFile(), [], {
      execArgv: NODE_FLAGS,
      // Of a process that owns nothing but sockets, stdout is of no use.
      stdio: ['ignore', 'ignore', 'inherit', 'ipc', fd],
    });
    closeSync(fd);
    const { addon, ...rest } = options;
    child.send({ kind: 'start', addon, options: { ...rest, statsFd: STATS_FD } });
    const own = { ...(await started(child)), memory, maxCalls: options.maxCalls };
    return new MediaWorker(child, own, onEnd);
  }

  private constructor(
    child: ChildProcess,
    own: WorkerStart & { readonly memory: ArrayBuffer; readonly maxCalls: number },
    onEnd: (end: WorkerEnd) => void,
  ) {
    this.#process = child;
    this.port = own.port;
    this.own = own;
    this.stats = new SharedStats(own.memory);
    this.#freeSlots = Array.from({ length: own.maxCalls }, (_, slot) => slot);
    child.on('message', (report: WorkerReport) => {
      this.#take(report);
    });
    child.once('exit', (code, signal) => {
      const end = { code, signal, calls: this.#tenants.size };
      this.#lose();
      onEnd(end);
    });
  }

  get activeCalls(): number {
    return this.#tenants.size;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** `undefined` where the pair of ports is taken. */
  async open(
    tenant: WorkerTenant,
    call: Pick<OpenOrder, 'cname' | 'rtpPort'>,
  ): Promise<Seat | undefined> {
    const slot = this.#freeSlots.shift();
    if (slot === undefined || this.#isLost) {
      throw new IwfError('internal', { reason: 'no room in the media worker' });
    }
    this.#serial += 1;
    const serial = this.#serial;
    this.#tenants.set(serial, tenant);
    const report = await this.#ask({ kind: 'open', slot, serial, ...call }, 'opened');
    if (report?.kind === 'opened' && report.call) return { slot, serial, call: report.call };
    this.#tenants.delete(serial);
    this.#freeSlots.push(slot);
    if (report) return undefined;
    throw new IwfError('internal', { reason: 'the media worker ended' });
  }

  order(slot: number, order: CallOrder): void {
    this.#send({ ...order, slot });
  }

  /** Resolves once a browser may speak from that address of our own; see `BrowsersPort`. */
  async letIn(source: AddressAndPort): Promise<void> {
    this.#serial += 1;
    if (!this.#isLost) await this.#ask({ kind: 'let-in', serial: this.#serial, source }, 'let-in');
  }

  letOut(source: AddressAndPort): void {
    this.#send({ kind: 'let-out', source });
  }

  /** Resolves once the ports are free; at once where the worker is gone. */
  async close({ slot, serial }: WorkerSeat): Promise<void> {
    if (!this.#isLost) await this.#ask({ kind: 'close', slot, serial }, 'closed');
    this.#tenants.delete(serial);
    this.#freeSlots.push(slot);
  }

  /** The SSRC toward the browser; `undefined` where the pair of ports is taken. */
  async openVideo({ slot, serial }: WorkerSeat, rtpPort: number): Promise<number | undefined> {
    const order = { kind: 'open-video', slot, serial, rtpPort } as const;
    const report = this.#isLost ? undefined : await this.#ask(order, 'video-opened');
    if (report?.kind === 'video-opened') return report.ssrcToBrowser;
    throw new IwfError('internal', { reason: 'the media worker ended' });
  }

  /** Resolves once the ports are free; at once where the worker is gone. */
  async closeVideo({ slot, serial }: WorkerSeat): Promise<void> {
    if (!this.#isLost) await this.#ask({ kind: 'close-video', slot, serial }, 'video-closed');
  }

  async stop(): Promise<void> {
    if (this.#isLost) return;
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.disconnect();
    await ended;
  }

  #take(report: WorkerReport): void {
    if (report.kind === 'event' || report.kind === 'diverted' || report.kind === 'of-video') {
      this.#tenants.get(report.serial)?.onReport(report);
    } else if ('serial' in report) {
      const key = answerKey(report.kind, report.serial);
      const answer = this.#answers.get(key);
      this.#answers.delete(key);
      answer?.(report);
    }
  }

  #ask(
    order: WorkerOrder & { readonly serial: number },
    answer: WorkerReport['kind'],
  ): Promise<WorkerReport | undefined> {
    return new Promise((resolve) => {
      this.#answers.set(answerKey(answer, order.serial), resolve);
      this.#send(order);
    });
  }

  #send(order: WorkerOrder): void {
    // The end of the process is told by its own event.
    if (this.#process.connected) this.#process.send(order, () => undefined);
  }

  #lose(): void {
    this.#isLost = true;
    for (const answer of this.#answers.values()) answer(undefined);
    this.#answers.clear();
    for (const tenant of [...this.#tenants.values()]) tenant.onWorkerLost();
  }
}

const answerKey = (kind: WorkerReport['kind'], serial: number): string =>
  `${kind} ${String(serial)}`;

function started(child: ChildProcess): Promise<WorkerStart> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string): void => {
      reject(new IwfError('internal', { reason }));
    };
    child.once('error', (cause) => {
      fail(cause.message);
    });
    child.once('exit', () => {
      fail('the media worker ended at its start');
    });
    child.once('message', (report: WorkerReport) => {
      if (report.kind === 'started') {
        resolve(report);
        return;
      }
      fail(report.kind === 'not-started' ? report.reason : report.kind);
      child.disconnect();
    });
  });
}

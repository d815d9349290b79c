/** What a process of the product has used; memory after a collection of garbage. */
export interface Usage {
  readonly cpuMs: number;
  readonly heapBytes: number;
  readonly residentBytes: number;
}

const COLLECTIONS = 8;

export type Question = 'cpu' | 'memory' | 'end';
/** An order of its own: what is counted depends on the process. */
export const CENSUS = { kind: 'census' } as const;

/** Answers the benchmark's questions until told to end; `close` is done before the process goes. */
export function answerUsage(close: () => Promise<void>, census?: () => Promise<unknown>): void {
  // Who asks is gone, and nobody else will end us.
  process.on('disconnect', () => process.exit());
  process.on('message', (question: Question | typeof CENSUS) => {
    if (question === 'end') void close().finally(() => process.exit());
    else if (typeof question === 'object') void census?.().then((it) => process.send?.(it));
    else process.send?.(usageNow(question));
  });
}

/** V8 lets go of code that is no longer run only after several collections. */
export function collectGarbage(): void {
  for (let round = 0; round < COLLECTIONS; round += 1) globalThis.gc?.();
}

function usageNow(question: Question): Usage {
  if (question === 'memory') collectGarbage();
  const { user, system } = process.cpuUsage();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { cpuMs: (user + system) / 1_000, heapBytes: heapUsed + external, residentBytes: rss };
}

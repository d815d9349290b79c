import { childrenOf, countProcess, type ProcessCount } from '../os-usage.ts';
import { startChild } from '../processes/child.ts';

export type SubjectOrder =
  | {
      readonly kind: 'open';
      readonly call: number;
      readonly offer: string;
      readonly imsAnswer: string;
    }
  | { readonly kind: 'close'; readonly call: number }
  | { readonly kind: 'count' }
  | { readonly kind: 'fill' };

export interface Opened {
  readonly accessAnswer: string;
  readonly imsOffer: string;
}

/** What there is of the plane: its process, and the worker beneath it. */
export interface PlaneCount {
  readonly mediaProcess: ProcessCount & { readonly heapBytes: number };
  readonly worker: ProcessCount;
  readonly live: number;
  /** Calls whose browser was never there, or went. */
  readonly lost: number;
}

/** The native plane in a process of its own, with so many pairs of ports. */
export interface Subject {
  readonly pid: number;
  open(call: number, offer: string, imsAnswer: string): Promise<Opened>;
  close(call: number): Promise<void>;
  count(): Promise<PlaneCount>;
  /** How many calls can be open at once. */
  fill(): Promise<number>;
  stop(): Promise<void>;
}

export async function startSubject(pairs: number): Promise<Subject> {
  const child = await startChild('../churn/subject-process.ts', { args: [String(pairs)] });
  // It answers one order at a time.
  let last: Promise<unknown> = Promise.resolve();
  const order = <T>(it: SubjectOrder): Promise<T> => {
    const answer = last.then(() => child.order(it));
    last = answer;
    return answer as Promise<T>;
  };
  return {
    pid: child.pid,
    async open(call, offer, imsAnswer) {
      const how = { kind: 'open', call, offer, imsAnswer } as const;
      const answer = await order<Opened | { readonly error: string }>(how);
      if ('error' in answer) throw new Error(answer.error);
      return answer;
    },
    async close(call) {
      await order({ kind: 'close', call });
    },
    async count() {
      const told = await order<{ heapBytes: number; live: number; lost: number }>({
        kind: 'count',
      });
      const { heapBytes, ...calls } = told;
      const [worker = 0] = await childrenOf(child.pid);
      return {
        ...calls,
        mediaProcess: { ...(await countProcess(child.pid)), heapBytes },
        worker: await countProcess(worker),
      };
    },
    async fill() {
      return (await order<{ pairs: number }>({ kind: 'fill' })).pairs;
    },
    stop: () => child.end(),
  };
}

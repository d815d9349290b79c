import { startChild } from '../processes/child.ts';
import type { AccessSubject } from './access-subject.ts';

export type PlaneName = 'portable' | 'native';
export type AccessOrder =
  | { readonly kind: 'answer'; readonly call: number; readonly offer: string }
  | { readonly kind: 'release'; readonly call: number };

/** One of our planes with the SDP work of a call, in a process of its own. */
export async function startIsthmusAccess(plane: PlaneName): Promise<AccessSubject> {
  const child = await startChild('../access/access-process.ts', { args: [plane] });
  // It answers one order at a time.
  let last: Promise<unknown> = Promise.resolve();
  const order = (it: AccessOrder): Promise<unknown> => {
    last = last.then(() => child.order(it));
    return last;
  };
  return {
    name: `Isthmus, ${plane}`,
    pid: child.pid,
    async answer(call, offer) {
      const { answer, error } = (await order({ kind: 'answer', call, offer })) as {
        readonly answer?: string;
        readonly error?: string;
      };
      if (answer === undefined) throw new Error(error ?? 'no answer');
      return answer;
    },
    async release(call) {
      await order({ kind: 'release', call });
    },
    stop: () => child.end(),
  };
}

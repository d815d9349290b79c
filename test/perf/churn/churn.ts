import { setTimeout as sleep } from 'node:timers/promises';
import { imsAnswerAt, newIceName, offerOf, whereaboutsIn } from './descriptions.ts';
import type { Subject } from './subject.ts';
import type { Heard, Talkers } from './talkers.ts';

export interface Churned {
  readonly setUpMs: readonly number[];
  readonly heard: readonly Heard[];
  readonly failures: readonly string[];
}

export interface Scene {
  readonly subject: Pick<Subject, 'open' | 'close'>;
  readonly talkers: Pick<Talkers, 'fingerprint' | 'imsPort' | 'connect' | 'end'>;
}

/** Nobody sets up a call for longer. */
export const SET_UP_LIMIT_MS = 10_000;

/** Resolves when its browser is connected, with the time that took. */
export async function setUp({ subject, talkers }: Scene, call: number): Promise<number> {
  const startedMs = performance.now();
  const own = newIceName();
  const offer = offerOf(own, talkers.fingerprint);
  const opened = await subject.open(call, offer, imsAnswerAt(talkers.imsPort));
  const plane = whereaboutsIn(opened.accessAnswer, opened.imsOffer);
  const late = sleep(SET_UP_LIMIT_MS, undefined, { ref: false }).then(() => {
    throw new Error('not connected in time');
  });
  await Promise.race([talkers.connect(call, own, plane), late]);
  return performance.now() - startedMs;
}

/** Both sides fall silent first: what is said to a call that is closed would count as lost. */
export async function end({ subject, talkers }: Scene, call: number): Promise<Heard> {
  const heard = await talkers.end(call);
  await subject.close(call);
  return heard;
}

/** Calls that begin when they are due, whatever became of those before, and live for a while. */
export async function churn(
  scene: Scene,
  plan: {
    readonly firstCall: number;
    readonly calls: number;
    readonly perS: number;
    readonly lifeMs: number;
  },
): Promise<Churned> {
  const setUpMs: number[] = [];
  const heard: Heard[] = [];
  const failures: string[] = [];
  const one = async (call: number): Promise<void> => {
    try {
      setUpMs.push(await setUp(scene, call));
      await sleep(plan.lifeMs);
    } catch (error) {
      failures.push(error instanceof Error ? error.message : 'failed');
    }
    heard.push(await end(scene, call));
  };
  const startedMs = performance.now();
  const under = new Set<Promise<void>>();
  for (let index = 0; index < plan.calls; index += 1) {
    const dueMs = startedMs + (index * 1_000) / plan.perS;
    await sleep(Math.max(0, dueMs - performance.now()));
    const made = one(plan.firstCall + index);
    under.add(made);
    void made.finally(() => under.delete(made));
  }
  await Promise.all(under);
  return { setUpMs, heard, failures };
}

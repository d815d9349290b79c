import type { Clock } from '../../ports/clock.ts';
import type { HandOver, Tenure } from '../../ports/stores.ts';
import type { Session } from '../sessions/session.ts';

/** A registration of a node that drains, as its hand-over sees it. */
export interface Gift {
  readonly sessions: readonly Session[];
  readonly isOffered: boolean;
  /** Unless it turns out to be busy when its turn comes. */
  offer(isBusy: () => boolean): Promise<void>;
  /** False: it is another's by now. */
  recall(): Promise<boolean>;
  /** Takes the offer back, and makes none for as long as `work` takes. False: too late for it. */
  holding(work: () => void): Promise<boolean>;
  /** Read consistently. */
  isOurs(): Promise<boolean>;
  /** Another node has registered it: what is here goes without a word to anyone. */
  release(): void;
}

/** How an offer stands; its writes go one after the other. */
export interface Offer {
  isOffered: boolean;
  /** Calls that are on their way in. */
  holds: number;
  tail: Promise<unknown>;
}

export const noOffer = (): Offer => ({ isOffered: false, holds: 0, tail: Promise.resolve() });

export interface Giving<Name> {
  readonly name: Name;
  readonly kept: Offer;
  readonly sessions: readonly Session[];
  readonly store: Pick<HandOver<Name, never>, 'isOwned' | 'offer' | 'recall'>;
  readonly tenure: () => Tenure;
  readonly release: () => void;
}

export const giftOf = <Name>(giving: Giving<Name>): Gift => {
  const { kept, name, release, sessions, store, tenure } = giving;
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = kept.tail.then(work);
    kept.tail = done.catch(() => undefined);
    return done;
  };
  const recall = (): Promise<boolean> =>
    inTurn(async () => {
      if (!kept.isOffered) return true;
      const isOurs = await store.recall(name, tenure());
      if (isOurs) kept.isOffered = false;
      return isOurs;
    });
  return {
    sessions,
    isOffered: kept.isOffered,
    offer: (isBusy) =>
      inTurn(async () => {
        if (kept.holds === 0 && !isBusy()) kept.isOffered = await store.offer(name, tenure());
      }),
    recall,
    async holding(work) {
      kept.holds += 1;
      try {
        const isOurs = await recall();
        if (isOurs) work();
        return isOurs;
      } finally {
        kept.holds -= 1;
      }
    },
    isOurs: () => store.isOwned(name, tenure()),
    release,
  };
};

const LOOK_AGAIN_MS = 500;
const LOOKS_FOR_A_CALLER = 10;
/** What IMS had sent to the owner before it knew of us has come, and the offer is taken back for it. */
const SETTLE_MS = 1_000;

export interface Completing {
  readonly clock: Clock;
  /** False: the owner has taken its offer back, for a call perhaps. */
  readonly complete: () => Promise<boolean>;
  readonly isWanted: () => Promise<boolean>;
  /** The owner has a call that goes on: who calls meanwhile is not left waiting. */
  readonly refuseEarly: () => void;
}

/** Registered beside the owner: ours as soon as the offer stands. False: it came otherwise. */
export async function completed(completing: Completing): Promise<boolean> {
  const { clock, complete, isWanted, refuseEarly } = completing;
  await passed(clock, SETTLE_MS);
  for (let looks = 1; !(await complete()); looks += 1) {
    if (!(await isWanted())) return false;
    if (looks > LOOKS_FOR_A_CALLER) refuseEarly();
    await passed(clock, LOOK_AGAIN_MS);
  }
  return true;
}

const passed = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => {
    clock.after(ms, resolve);
  });

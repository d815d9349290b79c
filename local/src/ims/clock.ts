/** Time as the simulator sees it; tests put their own in. */
export interface Clock {
  nowMs(): number;
  /** Runs `task` once, `ms` from now, unless the returned function is called first. */
  after(ms: number, task: () => void): () => void;
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  after(ms, task) {
    const timer = setTimeout(task, ms);
    return () => {
      clearTimeout(timer);
    };
  },
};

/** A clock whose outstanding tasks can all be called off at once. */
export function createScopedClock(clock: Clock): Clock & { cancelAll(): void } {
  const pending = new Set<() => void>();
  let isOver = false;
  return {
    nowMs: () => clock.nowMs(),
    after(ms, task) {
      if (isOver) return () => undefined;
      const cancel = clock.after(ms, () => {
        pending.delete(cancel);
        task();
      });
      pending.add(cancel);
      return () => {
        pending.delete(cancel);
        cancel();
      };
    },
    cancelAll() {
      isOver = true;
      for (const cancel of pending) cancel();
      pending.clear();
    },
  };
}

import { setTimeout as after } from 'node:timers/promises';
import type { Clock } from '../ports/clock.ts';

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  pause: async (ms) => {
    await after(ms);
  },
};

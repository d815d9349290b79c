import type { Month } from '@isthmus/shared/store/call-records';

/** In UTC. */
export const monthOf = (timeMs: number): Month => new Date(timeMs).toISOString().slice(0, 7);

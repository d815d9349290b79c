import type { TranscodingPlan } from '../../ports/transcoder.ts';

/** Into a worker. */
export type WorkerOrder =
  | { readonly kind: 'open'; readonly call: number; readonly plan: TranscodingPlan }
  | { readonly kind: 'close'; readonly call: number }
  | { readonly kind: 'packets'; readonly batch: ArrayBuffer };

/** Out of it. */
export type WorkerReport =
  | { readonly kind: 'packets'; readonly batch: ArrayBuffer }
  /** A call that could not go on; the others are not touched. */
  | { readonly kind: 'fault'; readonly call: number; readonly reason: string };

import type { LegName } from '../../ports/media-plane.ts';
import type { PlayoutOfLegs, TranscodingPlan } from '../../ports/transcoder.ts';

/** What a worker is started with. */
export interface VoiceWorkerData {
  readonly evsLibrary: string | undefined;
}

/** Into a worker. */
export type WorkerOrder =
  | { readonly kind: 'open'; readonly call: number; readonly plan: TranscodingPlan }
  | { readonly kind: 'close'; readonly call: number }
  | { readonly kind: 'packets'; readonly batch: ArrayBuffer }
  /** Shares of our packets that one leg of each call has lost of late. */
  | { readonly kind: 'losses'; readonly losses: readonly FarLoss[] };

export interface FarLoss {
  readonly call: number;
  readonly leg: LegName;
  readonly share: number;
}

/** Out of it. */
export type WorkerReport =
  | { readonly kind: 'packets'; readonly batch: ArrayBuffer }
  /** Of every call of the thread. */
  | { readonly kind: 'playout'; readonly calls: ReadonlyMap<number, PlayoutOfLegs> }
  /** A call that could not go on; the others are not touched. */
  | { readonly kind: 'fault'; readonly call: number; readonly reason: string };

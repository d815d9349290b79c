import type { LegName } from '../../ports/media-plane.ts';
import type { VideoPlan } from '../../ports/video-transcoder.ts';

/** Into a worker. */
export type VideoOrder =
  | { readonly kind: 'open'; readonly call: number; readonly plan: VideoPlan }
  | { readonly kind: 'close'; readonly call: number }
  | { readonly kind: 'packets'; readonly batch: ArrayBuffer }
  | { readonly kind: 'picture-wanted'; readonly call: number; readonly by: LegName }
  | {
      readonly kind: 'limit';
      readonly call: number;
      readonly by: LegName;
      readonly bitsPerS: number;
    };

/** Out of it. */
export type VideoReport =
  | { readonly kind: 'packets'; readonly batch: ArrayBuffer }
  | { readonly kind: 'ask-picture'; readonly call: number; readonly of: LegName }
  | {
      readonly kind: 'ask-again';
      readonly call: number;
      readonly of: LegName;
      readonly sequences: readonly number[];
    }
  /** A call that could not go on; the others are not touched. */
  | { readonly kind: 'fault'; readonly call: number; readonly reason: string };

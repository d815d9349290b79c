import { availableParallelism } from 'node:os';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import type { Log } from '../../ports/log.ts';
import type { MediaPlane } from '../../ports/media-plane.ts';
import type { MediaIo } from '../native/engine-options.ts';
import { findMediaAddon } from '../native/media-addon.ts';
import { createNativeMediaPlane } from '../native/native-media-plane.ts';
import { createPortableMediaPlane } from '../werift/portable-media-plane.ts';
import type { MediaPlaneDeps, MediaPlaneOptions } from './media-plane-options.ts';

export interface MediaPlaneChoice {
  /** `auto`: native where it was built. */
  readonly plane: 'auto' | 'native' | 'portable';
  /** Processes of the native plane; 0: one for each core. */
  readonly workers: number;
  /** Of the native plane. */
  readonly io: MediaIo;
}

/** Opens the plane that is wanted. Wanted and not there is a failure, not a reason for another. */
export async function openMediaPlane(
  deps: MediaPlaneDeps & { readonly log: Log },
  options: MediaPlaneOptions,
  choice: MediaPlaneChoice,
): Promise<MediaPlane> {
  const addon = choice.plane === 'portable' ? undefined : findMediaAddon();
  if (choice.plane === 'native' && addon === undefined) {
    throw new IwfError('internal', { reason: 'the media addon is not built' });
  }
  if (addon === undefined) {
    deps.log.info('media plane', { plane: 'portable' });
    return createPortableMediaPlane(deps, options);
  }
  const { io } = choice;
  const workers = choice.workers === 0 ? availableParallelism() : choice.workers;
  deps.log.info('media plane', { plane: 'native', workers });
  return createNativeMediaPlane(deps, { ...options, addon, workers, io });
}

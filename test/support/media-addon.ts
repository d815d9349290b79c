import { findMediaAddon } from '../../media-node/src/adapters/native/media-addon.ts';
import { buildNative } from '../../scripts/build-native.mjs';

let path: string | undefined;

/** Where the addon is, built from the sources as they are; a test that needs it fails without. */
export function mediaAddon(): string {
  path ??= buildNative().includes('media') ? undefined : findMediaAddon();
  if (path === undefined) throw new Error('the media addon is not built');
  return path;
}

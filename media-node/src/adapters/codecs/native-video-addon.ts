import { type Loaded, loadAddon } from './native-addon.ts';

/** An encoder or decoder of the addon; closed by `close`, or with the last reference. */
export type NativeVideoCodec = object & { readonly nativeVideo: unique symbol };

/** What `media-node/native-video-codecs` exports. */
export interface NativeVideoAddon {
  /** Why a codec cannot be had; an empty text where it can. */
  missing(): Readonly<Record<'VP8' | 'H264', string>>;
  openDecoder(isH264: number): NativeVideoCodec;
  /** `isH264, width, height, bitsPerS, picturesPerS, maxUnit` */
  openEncoder(...settings: readonly number[]): NativeVideoCodec;
  /** Width × 65536 + height. */
  decode(decoder: NativeVideoCodec, frame: Uint8Array): number;
  encode(
    encoder: NativeVideoCodec,
    decoder: NativeVideoCodec,
    frame: Uint8Array,
    ...when: readonly [ticks: number, isKey: number]
  ): number;
  setRate(encoder: NativeVideoCodec, bitsPerS: number): number;
  close(codec: NativeVideoCodec): void;
}

export type LoadedVideoAddon = Loaded<NativeVideoAddon>;

/** Built in place; beside the bundle in a container. */
const PLACES = ['../../../native-video-codecs/build/video-codecs.node', './video-codecs.node'];

export const loadNativeVideoAddon = (places: readonly string[] = PLACES): LoadedVideoAddon =>
  loadAddon<NativeVideoAddon>(places);

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** An encoder or decoder of the addon; it frees itself with the last reference. */
export type NativeCodec = object & { readonly native: unique symbol };

/** What `media-node/native-codecs` exports. */
export interface NativeAddon {
  /** Why a codec cannot be had, by its name in SDP; an empty text where it can. */
  missing(): Readonly<Record<'opus' | 'AMR-WB' | 'AMR', string>>;
  openOpusEncoder(...settings: readonly number[]): NativeCodec;
  openOpusDecoder(rateHz: number): NativeCodec;
  openAmrEncoder(isWide: number, withPauses: number): NativeCodec;
  openAmrDecoder(isWide: number): NativeCodec;
  /** A number for an operator's library, or why it cannot be used. */
  loadEvs(path: string): number | string;
  openEvsEncoder(library: number, rateHz: number, withPauses: number): NativeCodec;
  openEvsDecoder(library: number, rateHz: number): NativeCodec;
  encode(encoder: NativeCodec, pcm: Int16Array, frame: Uint8Array, mode: number): number;
  decode(decoder: NativeCodec, frame: Uint8Array, pcm: Int16Array, flag: number): number;
}

export type Loaded<Addon> =
  | { readonly ok: true; readonly addon: Addon }
  | { readonly ok: false; readonly reason: string };
export type LoadedAddon = Loaded<NativeAddon>;

/** Built in place; beside the bundle in a container. */
const PLACES = ['../../../native-codecs/build/codecs.node', './codecs.node'];

export const loadNativeAddon = (places: readonly string[] = PLACES): LoadedAddon =>
  loadAddon<NativeAddon>(places);

/** The first of these that is there. */
export function loadAddon<Addon>(places: readonly string[]): Loaded<Addon> {
  const paths = places.map((place) => fileURLToPath(new URL(place, import.meta.url)));
  const path = paths.find((it) => existsSync(it));
  if (path === undefined) return { ok: false, reason: 'the addon is not built' };
  try {
    return { ok: true, addon: createRequire(import.meta.url)(path) as Addon };
  } catch (cause) {
    return { ok: false, reason: cause instanceof Error ? cause.message : String(cause) };
  }
}

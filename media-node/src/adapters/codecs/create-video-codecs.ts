import type {
  VideoCodecName,
  VideoCodecs,
  VideoDecoder,
  VideoEncoder,
} from '../../ports/video-codecs.ts';
import {
  type LoadedVideoAddon,
  loadNativeVideoAddon,
  type NativeVideoAddon,
  type NativeVideoCodec,
} from './native-video-addon.ts';

const NAMES = ['VP8', 'H264'] as const;
/** A picture of 1920x1088 without a single bit saved is smaller. */
const MAX_FRAME_BYTES = 4 * 2 ** 20;
const NOTHING = new Uint8Array(0);

export function createVideoCodecs(loaded: LoadedVideoAddon = loadNativeVideoAddon()): VideoCodecs {
  const missing = missingOf(loaded);
  // One thread encodes one picture at a time.
  let room: Uint8Array | undefined;
  const addonFor = (codec: VideoCodecName): NativeVideoAddon => {
    if (loaded.ok && !missing.has(codec)) return loaded.addon;
    throw new RangeError(`no codec ${codec} on this machine`);
  };
  const native = new WeakMap<VideoDecoder, NativeVideoCodec>();
  return {
    missing,
    openDecoder(codec) {
      const addon = addonFor(codec);
      const held = addon.openDecoder(flag(codec === 'H264'));
      const decoder = decoderOf(addon, held);
      native.set(decoder, held);
      return decoder;
    },
    openEncoder(settings) {
      const { codec, width, height, bitsPerS, picturesPerS, maxUnitBytes = 0 } = settings;
      const addon = addonFor(codec);
      const held = addon.openEncoder(
        ...[flag(codec === 'H264'), width, height, bitsPerS, picturesPerS, maxUnitBytes],
      );
      room ??= new Uint8Array(MAX_FRAME_BYTES);
      return encoderOf(addon, held, { native, room });
    },
  };
}

const flag = (isSet: boolean): number => (isSet ? 1 : 0);

function missingOf(loaded: LoadedVideoAddon): ReadonlyMap<VideoCodecName, string> {
  if (!loaded.ok) return new Map(NAMES.map((name) => [name, loaded.reason]));
  const reasons = loaded.addon.missing();
  return new Map(NAMES.flatMap((name) => (reasons[name] ? [[name, reasons[name]] as const] : [])));
}

function decoderOf(addon: NativeVideoAddon, held: NativeVideoCodec): VideoDecoder {
  return {
    decode(frame) {
      const size = addon.decode(held, frame);
      if (size <= 0) return size === 0 ? 'none' : 'refused';
      return { width: size >> 16, height: size & 0xffff };
    },
    close() {
      addon.close(held);
    },
  };
}

function encoderOf(
  addon: NativeVideoAddon,
  held: NativeVideoCodec,
  shared: {
    readonly native: WeakMap<VideoDecoder, NativeVideoCodec>;
    readonly room: Uint8Array;
  },
): VideoEncoder {
  const { native, room } = shared;
  return {
    encode(of, { ticks, isKey }) {
      const decoder = native.get(of);
      const bytes = decoder ? addon.encode(held, decoder, room, ticks, flag(isKey)) : 0;
      return bytes > 0 ? room.subarray(0, bytes) : NOTHING;
    },
    setRate(bitsPerS) {
      addon.setRate(held, bitsPerS);
    },
    close() {
      addon.close(held);
    },
  };
}

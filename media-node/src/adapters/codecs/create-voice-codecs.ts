import type {
  EncoderSettings,
  VoiceCodecName,
  VoiceCodecs,
  VoiceDecoder,
  VoiceEncoder,
} from '../../ports/voice-codecs.ts';
import { type LoadedAddon, loadNativeAddon, type NativeAddon } from './native-addon.ts';
import { openAmrDecoder, openNativeEncoder, openOpusDecoder } from './native-codecs.ts';
import { newG711Decoder, newG711Encoder, newG722Decoder, newG722Encoder } from './pcm-codecs.ts';

/** Written in TypeScript: never missing. */
const OWN = ['G722', 'PCMU', 'PCMA'] as const;
const NATIVE = ['opus', 'AMR-WB', 'AMR'] as const;

export function createVoiceCodecs(loaded: LoadedAddon = loadNativeAddon()): VoiceCodecs {
  const missing = missingOf(loaded);
  const available = new Set<VoiceCodecName>(
    [...OWN, ...NATIVE].filter((name) => !missing.has(name)),
  );
  const addonFor = (codec: VoiceCodecName): NativeAddon => {
    if (loaded.ok && available.has(codec)) return loaded.addon;
    throw new RangeError(`no codec ${codec} on this machine`);
  };
  return {
    available,
    missing,
    openEncoder: (settings) =>
      ownEncoder(settings) ?? openNativeEncoder(addonFor(settings.codec), settings),
    openDecoder: (codec, rateHz) =>
      ownDecoder(codec) ?? nativeDecoder(addonFor(codec), codec, rateHz),
  };
}

function missingOf(loaded: LoadedAddon): ReadonlyMap<VoiceCodecName, string> {
  if (!loaded.ok) return new Map(NATIVE.map((name) => [name, loaded.reason]));
  const reasons = loaded.addon.missing();
  return new Map(NATIVE.flatMap((name) => (reasons[name] ? [[name, reasons[name]] as const] : [])));
}

function ownEncoder({ codec }: EncoderSettings): VoiceEncoder | undefined {
  if (codec === 'PCMU') return newG711Encoder('mu');
  if (codec === 'PCMA') return newG711Encoder('a');
  return codec === 'G722' ? newG722Encoder() : undefined;
}

function ownDecoder(codec: VoiceCodecName): VoiceDecoder | undefined {
  if (codec === 'PCMU') return newG711Decoder('mu');
  if (codec === 'PCMA') return newG711Decoder('a');
  return codec === 'G722' ? newG722Decoder() : undefined;
}

function nativeDecoder(addon: NativeAddon, codec: VoiceCodecName, rateHz: number): VoiceDecoder {
  if (codec === 'opus') return openOpusDecoder(addon, rateHz);
  return openAmrDecoder(addon, codec === 'AMR-WB' ? 'AMR-WB' : 'AMR');
}

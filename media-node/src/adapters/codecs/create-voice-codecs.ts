import type {
  EncoderSettings,
  VoiceCodecName,
  VoiceCodecs,
  VoiceDecoder,
  VoiceEncoder,
} from '../../ports/voice-codecs.ts';
import { type LoadedAddon, loadNativeAddon, type NativeAddon } from './native-addon.ts';
import {
  openAmrDecoder,
  openEvsDecoder,
  openEvsEncoder,
  openNativeEncoder,
  openOpusDecoder,
} from './native-codecs.ts';
import { newG711Decoder, newG711Encoder, newG722Decoder, newG722Encoder } from './pcm-codecs.ts';

/** Written in TypeScript: never missing. */
const OWN = ['G722', 'PCMU', 'PCMA'] as const;
const NATIVE = ['opus', 'AMR-WB', 'AMR'] as const;

/** `evsLibrary`: the path of an operator's own; without one there is no EVS, and it is not missed. */
export function createVoiceCodecs(
  loaded: LoadedAddon = loadNativeAddon(),
  evsLibrary?: string,
): VoiceCodecs {
  const evs = evsLibrary === undefined ? undefined : loadEvs(loaded, evsLibrary);
  const missing = missingOf(loaded, evs);
  const wanted: readonly VoiceCodecName[] = [
    ...OWN,
    ...NATIVE,
    ...(evs === undefined ? [] : ['EVS' as const]),
  ];
  const available = new Set(wanted.filter((name) => !missing.has(name)));
  const addonFor = (codec: VoiceCodecName): NativeAddon => {
    if (loaded.ok && available.has(codec)) return loaded.addon;
    throw new RangeError(`no codec ${codec} on this machine`);
  };
  return {
    available,
    missing,
    openEncoder(settings) {
      const own = ownEncoder(settings);
      if (own) return own;
      const addon = addonFor(settings.codec);
      return settings.codec === 'EVS'
        ? openEvsEncoder(addon, Number(evs), settings)
        : openNativeEncoder(addon, settings);
    },
    openDecoder(codec, rateHz) {
      const own = ownDecoder(codec);
      if (own) return own;
      const addon = addonFor(codec);
      if (codec === 'EVS') return openEvsDecoder(addon, Number(evs), rateHz);
      return codec === 'opus'
        ? openOpusDecoder(addon, rateHz)
        : openAmrDecoder(addon, codec === 'AMR-WB' ? 'AMR-WB' : 'AMR');
    },
  };
}

/** The library's number, or why it cannot be used. */
const loadEvs = (loaded: LoadedAddon, path: string): number | string =>
  loaded.ok ? loaded.addon.loadEvs(path) : loaded.reason;

function missingOf(
  loaded: LoadedAddon,
  evs: number | string | undefined,
): ReadonlyMap<VoiceCodecName, string> {
  const ofEvs = typeof evs === 'string' ? [['EVS', evs] as const] : [];
  const reasons = loaded.ok ? loaded.addon.missing() : undefined;
  const ofNative = NATIVE.flatMap((name) => {
    const reason = loaded.ok ? reasons?.[name] : loaded.reason;
    return reason ? [[name, reason] as const] : [];
  });
  return new Map<VoiceCodecName, string>([...ofNative, ...ofEvs]);
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

import type { StreamRewrite } from '../../ports/media-plane.ts';
import type { PayloadPair, TranscodingPlan, VoiceLeg } from '../../ports/transcoder.ts';
import type { VoiceCodecName } from '../../ports/voice-codecs.ts';
import {
  type Codec,
  type CodecWithPayload,
  hasNoise,
  isEvent,
  isNoise,
  isOpus,
  isSameCodec,
  voiceOf,
} from './codecs.ts';
import { type LegCodecs, streamRewrite } from './stream-rewrite.ts';

/** How the sound of a call gets from leg to leg. */
export interface Crossing {
  readonly rewrite: StreamRewrite;
  /** Absent: it passes through. */
  readonly plan?: TranscodingPlan;
}

const NAMES: readonly VoiceCodecName[] = ['EVS', 'AMR-WB', 'AMR', 'G722', 'PCMU', 'PCMA'];
/** Codecs of the wide band: 16 kHz from codec to codec, whatever their RTP clocks count. */
const WIDE: readonly VoiceCodecName[] = ['EVS', 'AMR-WB', 'G722'];

export interface CrossingOptions {
  readonly framesPerPacket: number;
  /** Keys go to IMS otherwise than in its media. */
  readonly keysByInfo?: boolean;
}

/** From leg to leg where both speak what IMS named first; by way of Opus else. */
export function crossingOf(
  browser: LegCodecs,
  ims: LegCodecs,
  { framesPerPacket, keysByInfo = false }: CrossingOptions,
): Crossing {
  const rewrite = streamRewrite(browser, ims);
  const [spoken] = voiceOf(ims.remote);
  if (!spoken || isPassed(browser, spoken)) return { rewrite };
  const codec = NAMES.find((it) => it.toLowerCase() === spoken.name.toLowerCase());
  const ofBrowser = legOf(browser, browser.remote.find(isOpus), {
    codec: 'opus',
    framesPerPacket: 1,
    hearsTones: true,
  });
  const hearsTones = !keysByInfo;
  const ofIms = codec && legOf(ims, spoken, { codec, framesPerPacket, hearsTones });
  if (!(codec && ofBrowser && ofIms)) return { rewrite };
  return {
    rewrite: {
      ...{ ...rewrite, payloadToIms: new Map(), payloadToBrowser: new Map() },
      clockRateHz: ofIms.clockRateHz,
      browserClockRateHz: ofBrowser.clockRateHz,
    },
    plan: { browser: ofBrowser, ims: ofIms, rateHz: WIDE.includes(codec) ? 16_000 : 8000 },
  };
}

const isPassed = ({ local, remote }: LegCodecs, spoken: Codec): boolean =>
  local.some((it) => isSameCodec(it, spoken)) && remote.some((it) => isSameCodec(it, spoken));

function legOf(
  { local, remote }: LegCodecs,
  leaving: CodecWithPayload | undefined,
  { hearsTones, ...rest }: Pick<VoiceLeg, 'codec' | 'framesPerPacket' | 'hearsTones'>,
): VoiceLeg | undefined {
  const arriving = leaving && local.find((it) => isSameCodec(it, leaving));
  if (!(leaving && arriving)) return undefined;
  const events = eventsOf({ local, remote }, leaving.clockRateHz);
  const noise = hasNoise(leaving) ? pairsOf({ local, remote }, isNoise)[0] : undefined;
  return {
    ...rest,
    clockRateHz: leaving.clockRateHz,
    arriving: arriving.payloadType,
    leaving: leaving.payloadType,
    ...(arriving.fmtp === undefined ? {} : { arrivingFormat: arriving.fmtp }),
    ...(leaving.fmtp === undefined ? {} : { leavingFormat: leaving.fmtp }),
    ...(events ? { events } : hearsTones ? { hearsTones } : {}),
    ...(noise ? { noise } : {}),
  };
}

function pairsOf(
  { local, remote }: LegCodecs,
  isWanted: (codec: Codec) => boolean,
): readonly PayloadPair[] {
  return remote.filter(isWanted).flatMap((leaving) => {
    const arriving = local.find((it) => isSameCodec(it, leaving));
    if (!arriving) return [];
    const rate = { clockRateHz: leaving.clockRateHz };
    return [{ arriving: arriving.payloadType, leaving: leaving.payloadType, ...rate }];
  });
}

/** Telephone-events at the clock of the voice, or those there are (RFC 4733 §2.1). */
function eventsOf(codecs: LegCodecs, clockRateHz: number): PayloadPair | undefined {
  const pairs = pairsOf(codecs, isEvent);
  return pairs.find((it) => it.clockRateHz === clockRateHz) ?? pairs[0];
}

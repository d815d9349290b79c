import type { StreamRewrite } from '../../ports/media-plane.ts';
import type { Packing, PayloadPair, TranscodingPlan, VoiceLeg } from '../../ports/transcoder.ts';
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

const NAMES: readonly VoiceCodecName[] = ['opus', 'EVS', 'AMR-WB', 'AMR', 'G722', 'PCMU', 'PCMA'];
/** Codecs of the wide band: 16 kHz from codec to codec, whatever their RTP clocks count. */
const WIDE: readonly VoiceCodecName[] = ['EVS', 'AMR-WB', 'G722'];

/** Toward IMS. */
export interface CrossingOptions extends Packing {
  /** Keys go to IMS otherwise than in its media. */
  readonly keysByInfo?: boolean;
}

/** From leg to leg where both speak what IMS named first; by way of Opus else. */
export function crossingOf(browser: LegCodecs, ims: LegCodecs, options: CrossingOptions): Crossing {
  const [spoken] = voiceOf(ims.remote);
  const isDirect = !spoken || isPassed(browser, spoken);
  const sent = isDirect ? undefined : browser.remote.find(isOpus);
  const detour = sent && detourOf({ codecs: browser, sent }, ims, options);
  return detour ?? { rewrite: streamRewrite(browser, ims) };
}

/** From what the browser sends now; undefined where that is of another band than what IMS takes. */
export function bridgeOf(
  browser: LegCodecs,
  ims: LegCodecs,
  options: CrossingOptions,
): Detoured | undefined {
  const [[sent], [spoken]] = [voiceOf(browser.remote), voiceOf(ims.remote)];
  const isOfOneBand = sent && spoken && (isOpus(sent) || isWide(sent) === isWide(spoken));
  return isOfOneBand ? detourOf({ codecs: browser, sent }, ims, options) : undefined;
}

type Detoured = Required<Crossing>;

interface Speaking {
  readonly codecs: LegCodecs;
  readonly sent: CodecWithPayload;
}

function detourOf(
  { codecs: browser, sent }: Speaking,
  ims: LegCodecs,
  { keysByInfo = false, ...packing }: CrossingOptions,
): Detoured | undefined {
  const [spoken] = voiceOf(ims.remote);
  const [ofBrowser, ofIms] = [nameOf(sent), spoken && nameOf(spoken)];
  const near =
    ofBrowser && legOf(browser, sent, { codec: ofBrowser, framesPerPacket: 1, hearsTones: true });
  const far = ofIms && legOf(ims, spoken, { codec: ofIms, ...packing, hearsTones: !keysByInfo });
  if (!(near && far) || ofIms === 'opus') return undefined;
  return {
    rewrite: {
      ...{ ...streamRewrite(browser, ims), payloadToIms: new Map(), payloadToBrowser: new Map() },
      clockRateHz: far.clockRateHz,
      browserClockRateHz: near.clockRateHz,
    },
    plan: { browser: near, ims: far, rateHz: WIDE.includes(far.codec) ? 16_000 : 8000 },
  };
}

const nameOf = ({ name }: Codec): VoiceCodecName | undefined =>
  NAMES.find((it) => it.toLowerCase() === name.toLowerCase());

const isWide = (codec: Codec): boolean => WIDE.some((it) => it === nameOf(codec));

const isPassed = ({ local, remote }: LegCodecs, spoken: Codec): boolean =>
  local.some((it) => isSameCodec(it, spoken)) && remote.some((it) => isSameCodec(it, spoken));

function legOf(
  { local, remote }: LegCodecs,
  leaving: CodecWithPayload | undefined,
  { hearsTones, ...rest }: Packing & Pick<VoiceLeg, 'codec' | 'hearsTones'>,
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

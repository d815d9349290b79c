import type {
  CallNumbers,
  LegNumbers,
  MeasuredThere,
  VideoLegNumbers,
  VideoNumbers,
} from '@isthmus/shared/domain/call-numbers';
import type {
  MediaStats,
  Playout,
  SpokenModes,
  VideoLegStats,
  VideoStats,
  VoiceLegStats,
} from '../../ports/media-stats.ts';
import type { VoipMetrics } from '../media/voip-metrics.ts';
import { amrTable } from '../voice/amr-frame.ts';
import { impairmentOf } from './codec-impairments.ts';
import { type CodecImpairment, mosOf, ratingOf } from './e-model.ts';

/** What is spoken on each leg; absent before it is agreed. */
export interface CodecsOfLegs {
  readonly access?: string | undefined;
  readonly ims?: string | undefined;
}

/** What the video of a call has carried, in all the times that there was any. */
export interface VideoCarried extends VideoStats {
  readonly codecs: CodecsOfLegs;
  /** How long pictures could pass, one way or both. */
  readonly onMs: number;
}

/** Loss of the whole call for its record, or of the last interval of reports for who looks now. */
export type Since = 'begin' | 'last-report';

/** Packets of 20 ms, and the sound card, on top of what is measured. */
const FIXED_DELAY_MS = 40;
const BITS_PER_OCTET = 8;

export const numbersOfMedia = (
  { access, ims }: Pick<MediaStats, 'access' | 'ims'>,
  codecs: CodecsOfLegs,
  since: Since,
): Pick<CallNumbers, 'access' | 'ims'> => ({
  access: numbersOfLeg(access, codecs.access, since),
  ims: numbersOfLeg(ims, codecs.ims, since),
});

export const numbersOfVideo = ({ access, codecs, ims, onMs }: VideoCarried): VideoNumbers => ({
  access: numbersOfVideoLeg(access, codecs.access, onMs),
  ims: numbersOfVideoLeg(ims, codecs.ims, onMs),
  onMs: Math.round(onMs),
});

function numbersOfVideoLeg(
  stats: VideoLegStats,
  codec: string | undefined,
  onMs: number,
): VideoLegNumbers {
  const { far, octetsReceived, octetsSent, requestsReceived, requestsSent } = stats;
  const rate = (octets: number): number =>
    onMs > 0 ? Math.round((octets * BITS_PER_OCTET * 1000) / onMs) : 0;
  return {
    ...numbersOfLeg(stats, codec, 'begin'),
    ...(far && { far: { packetsLost: far.packetsLost, jitterMs: rounded(far.jitterMs) } }),
    bitsPerSReceived: rate(octetsReceived),
    bitsPerSSent: rate(octetsSent),
    ...{ requestsReceived, requestsSent },
  };
}

function numbersOfLeg(stats: VoiceLegStats, codec: string | undefined, since: Since): LegNumbers {
  const { far, jitterMs, packetsLost, packetsReceived, packetsSent, roundTripMs } = stats;
  const { octetsReceived, octetsSent, playout } = stats;
  const { heardModes, sentModes, ...heldBack }: Partial<Playout> = playout ?? {};
  const rate = (modes: SpokenModes | undefined, lossRatio: number, jitter: number) =>
    mosWhere(costOf(codec, modes, since), { lossRatio, jitterMs: jitter, roundTripMs });
  const heard = since === 'begin' ? shareOf(packetsLost, packetsReceived) : stats.recentLoss;
  const heardThere = since === 'begin' ? of(far?.packetsLost ?? 0, packetsSent) : far?.recentLoss;
  return {
    ...{ packetsReceived, octetsReceived, packetsLost, packetsSent, octetsSent },
    ...(codec !== undefined && { codec, ...kbitsOf(codec, playout, since) }),
    ...(roundTripMs !== undefined && { roundTripMs: rounded(roundTripMs) }),
    ...(packetsReceived > 0 && {
      jitterMs: rounded(jitterMs),
      ...rate(heardModes, heard, jitterMs),
    }),
    ...(isWhole(heldBack) && { playout: heldBack }),
    ...(far && {
      far: {
        packetsLost: far.packetsLost,
        jitterMs: rounded(far.jitterMs),
        ...rate(sentModes, heardThere ?? 0, far.jitterMs),
        ...(far.metrics && { measured: measuredThere(far.metrics) }),
      },
    }),
  };
}

const measuredThere = (metrics: VoipMetrics): MeasuredThere => {
  const { burst, discardRatio, endSystemDelayMs, gap, jitterBuffer, lossRatio } = metrics;
  const { mosConversational, mosListening, rating, roundTripMs } = metrics;
  return {
    ...{ lossPercent: percentOf(lossRatio), discardPercent: percentOf(discardRatio) },
    ...{ burstPercent: percentOf(burst.missingRatio), burstMs: burst.durationMs },
    ...{ gapPercent: percentOf(gap.missingRatio), gapMs: gap.durationMs },
    jitterBufferMs: jitterBuffer.nominalMs,
    ...(roundTripMs !== undefined && { roundTripMs }),
    ...(endSystemDelayMs !== undefined && { endSystemDelayMs }),
    ...(rating !== undefined && { rating }),
    ...(mosListening !== undefined && { mosListening }),
    ...(mosConversational !== undefined && { mosConversational }),
  };
};

const percentOf = (ratio: number): number => Math.round(1000 * ratio) / 10;

const isWhole = (playout: Partial<Playout>): playout is Playout => playout.late !== undefined;

/** Of the whole call by each frame, of who looks now by what is spoken now. */
function costOf(
  codec: string | undefined,
  modes: SpokenModes | undefined,
  since: Since,
): CodecImpairment | undefined {
  if (codec === undefined) return undefined;
  if (!modes || since === 'begin') return impairmentOf(codec, modes?.frames);
  return impairmentOf(codec, [...Array<number>(modes.latest).fill(0), 1]);
}

function kbitsOf(codec: string, playout: Playout | undefined, since: Since) {
  const band = codec.toUpperCase() === 'AMR' ? 'narrow' : 'wide';
  const rateOf = (modes: SpokenModes | undefined): number | undefined =>
    modes && amrTable(band).kbitPerS[since === 'begin' ? mostOf(modes) : modes.latest];
  const [heard, sent] = [rateOf(playout?.heardModes), rateOf(playout?.sentModes)];
  return {
    ...(heard !== undefined && { kbitPerSHeard: heard }),
    ...(sent !== undefined && { kbitPerSSent: sent }),
  };
}

const mostOf = ({ frames }: SpokenModes): number => frames.indexOf(Math.max(...frames));

interface Path {
  readonly lossRatio: number;
  readonly jitterMs: number;
  readonly roundTripMs: number | undefined;
}

function mosWhere(
  impairment: CodecImpairment | undefined,
  { jitterMs, lossRatio, roundTripMs = 0 }: Path,
): { readonly mos?: number } {
  if (!impairment) return {};
  // A jitter buffer grows to about twice the jitter.
  const oneWayDelayMs = roundTripMs / 2 + 2 * jitterMs + FIXED_DELAY_MS;
  const rating = ratingOf(impairment, { lossRatio, oneWayDelayMs });
  return { mos: Math.round(mosOf(rating, impairment.band) * 100) / 100 };
}

const of = (part: number, whole: number): number => (whole > 0 ? Math.min(1, part / whole) : 0);
const shareOf = (lost: number, received: number): number => of(lost, lost + received);
const rounded = (ms: number): number => Math.round(ms * 10) / 10;

import type {
  CallNumbers,
  LegNumbers,
  SetUpTimes,
  VideoLegNumbers,
  VideoNumbers,
} from '@isthmus/shared/domain/call-numbers';
import type { Metrics } from '../../ports/metrics.ts';

/** Taken of every call that carried something, at its end; `in` is what came to the node. */
export function measureCall(metrics: Metrics, { access, ims, setUp, video }: CallNumbers): void {
  measureLeg(metrics, 'access', access);
  measureLeg(metrics, 'ims', ims);
  if (video) measureVideo(metrics, video);
  for (const [stage, ms] of Object.entries(stagesOf(setUp))) {
    metrics.gauge('call_set_up_ms', ms, { stage });
  }
}

type Gauge = (name: string, value: number | undefined, direction?: 'in' | 'out') => void;

const gaugeOf =
  (metrics: Metrics, leg: string): Gauge =>
  (name, value, direction) => {
    if (value !== undefined) metrics.gauge(name, value, { leg, ...(direction && { direction }) });
  };

function measureLeg(metrics: Metrics, leg: string, numbers: LegNumbers): void {
  const { far, jitterMs, mos, packetsLost, packetsReceived, packetsSent, roundTripMs } = numbers;
  const gauge = gaugeOf(metrics, leg);
  gauge('call_round_trip_ms', roundTripMs);
  gauge('call_mos', mos, 'in');
  gauge('call_jitter_ms', jitterMs, 'in');
  gauge('call_loss_percent', percentOf(packetsLost, packetsLost + packetsReceived), 'in');
  if (!far) return;
  gauge('call_mos', far.mos, 'out');
  gauge('call_jitter_ms', far.jitterMs, 'out');
  gauge('call_loss_percent', percentOf(far.packetsLost, packetsSent), 'out');
  gauge('call_reported_mos', far.measured?.mosConversational, 'out');
  gauge('call_discard_percent', far.measured?.discardPercent, 'out');
}

function measureVideo(metrics: Metrics, { access, ims, onMs }: VideoNumbers): void {
  metrics.count('video_calls', { codec: ims.codec ?? 'none' });
  metrics.gauge('video_seconds', Math.round(onMs / 1000));
  measureVideoLeg(gaugeOf(metrics, 'access'), access);
  measureVideoLeg(gaugeOf(metrics, 'ims'), ims);
}

function measureVideoLeg(gauge: Gauge, numbers: VideoLegNumbers): void {
  const { far, packetsLost, packetsReceived, packetsSent } = numbers;
  gauge('video_round_trip_ms', numbers.roundTripMs);
  gauge('video_bits_per_s', numbers.bitsPerSReceived, 'in');
  gauge('video_bits_per_s', numbers.bitsPerSSent, 'out');
  gauge('video_nacks', numbers.requestsReceived.nacks, 'in');
  gauge('video_nacks', numbers.requestsSent.nacks, 'out');
  gauge('video_picture_requests', numbers.requestsReceived.pictures, 'in');
  gauge('video_picture_requests', numbers.requestsSent.pictures, 'out');
  gauge('video_jitter_ms', numbers.jitterMs, 'in');
  gauge('video_loss_percent', percentOf(packetsLost, packetsLost + packetsReceived), 'in');
  if (!far) return;
  gauge('video_jitter_ms', far.jitterMs, 'out');
  gauge('video_loss_percent', percentOf(far.packetsLost, packetsSent), 'out');
}

/** How long people let it ring is no measure of ours. */
const stagesOf = ({ answeredMs: _, ...machines }: SetUpTimes): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(machines).flatMap(([name, ms]) =>
      ms === undefined ? [] : [[STAGES[name as keyof typeof STAGES], ms]],
    ),
  );

const STAGES = {
  ringingMs: 'ringing',
  iceMs: 'ice',
  dtlsMs: 'dtls',
  soundToImsMs: 'sound-to-ims',
  soundToBrowserMs: 'sound-to-browser',
} as const;

const percentOf = (part: number, whole: number): number | undefined =>
  whole > 0 ? Math.round((10_000 * part) / whole) / 100 : undefined;

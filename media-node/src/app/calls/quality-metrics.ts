import type { CallNumbers, LegNumbers, SetUpTimes } from '@isthmus/shared/domain/call-numbers';
import type { Metrics } from '../../ports/metrics.ts';

/** Taken of every call that carried something, at its end; `in` is what came to the node. */
export function measureCall(metrics: Metrics, { access, ims, setUp }: CallNumbers): void {
  measureLeg(metrics, 'access', access);
  measureLeg(metrics, 'ims', ims);
  for (const [stage, ms] of Object.entries(stagesOf(setUp))) {
    metrics.gauge('call_set_up_ms', ms, { stage });
  }
}

function measureLeg(metrics: Metrics, leg: string, numbers: LegNumbers): void {
  const { far, jitterMs, mos, packetsLost, packetsReceived, packetsSent, roundTripMs } = numbers;
  const gauge = (name: string, value: number | undefined, direction?: 'in' | 'out'): void => {
    if (value !== undefined) metrics.gauge(name, value, { leg, ...(direction && { direction }) });
  };
  gauge('call_round_trip_ms', roundTripMs);
  gauge('call_mos', mos, 'in');
  gauge('call_jitter_ms', jitterMs, 'in');
  gauge('call_loss_percent', percentOf(packetsLost, packetsLost + packetsReceived), 'in');
  if (!far) return;
  gauge('call_mos', far.mos, 'out');
  gauge('call_jitter_ms', far.jitterMs, 'out');
  gauge('call_loss_percent', percentOf(far.packetsLost, packetsSent), 'out');
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

/** How a phone is served, as it measures itself (RFC 3611 §4.7); what it does not know is absent. */
export interface VoipMetrics {
  /** Of what was due since reception began, from 0 to 1; and of what came, but too late or too early. */
  readonly lossRatio: number;
  readonly discardRatio: number;
  /** Of the stretches in which much is missing, and of those between: how much is, and how long they last. */
  readonly burst: Stretch;
  readonly gap: Stretch;
  readonly roundTripMs?: number;
  /** Its own part: jitter buffer, decoder and the way out, and the way in and encoder of its sound. */
  readonly endSystemDelayMs?: number;
  /** R, 0 to 100. */
  readonly rating?: number;
  /** MOS-LQ and MOS-CQ, 1 to 5: with and without delay taken off. */
  readonly mosListening?: number;
  readonly mosConversational?: number;
  readonly jitterBuffer: { readonly nominalMs: number; readonly maximumMs: number };
}

export interface Stretch {
  readonly missingRatio: number;
  readonly durationMs: number;
}

/** Of the block, what follows the SSRC that it is about. */
export const METRICS_BYTES = 28;

/** `metrics` has `METRICS_BYTES`. */
export function readVoipMetrics(metrics: DataView): VoipMetrics {
  const ratio = (at: number): number => metrics.getUint8(at) / 256;
  const ms = (at: number): number => metrics.getUint16(at);
  const [roundTripMs, endSystemDelayMs] = [knownMs(ms(8)), knownMs(ms(10))];
  const rating = within(metrics.getUint8(16), 0, 100);
  const [mosListening, mosConversational] = [mosOf(metrics, 18), mosOf(metrics, 19)];
  return {
    ...{ lossRatio: ratio(0), discardRatio: ratio(1) },
    burst: { missingRatio: ratio(2), durationMs: ms(4) },
    gap: { missingRatio: ratio(3), durationMs: ms(6) },
    ...(roundTripMs !== undefined && { roundTripMs }),
    ...(endSystemDelayMs !== undefined && { endSystemDelayMs }),
    ...(rating !== undefined && { rating }),
    ...(mosListening !== undefined && { mosListening }),
    ...(mosConversational !== undefined && { mosConversational }),
    jitterBuffer: { nominalMs: ms(22), maximumMs: ms(24) },
  };
}

/** 0: nobody has measured it yet. */
const knownMs = (ms: number): number | undefined => (ms > 0 ? ms : undefined);

/** 127 is "unavailable", and what else is out of range is to be ignored (§4.7.5). */
const within = (value: number, least: number, most: number): number | undefined =>
  value >= least && value <= most ? value : undefined;

function mosOf(metrics: DataView, at: number): number | undefined {
  const tenths = within(metrics.getUint8(at), 10, 50);
  return tenths === undefined ? undefined : tenths / 10;
}

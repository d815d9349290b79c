import { createVoiceCodecs } from '../../../media-node/src/adapters/codecs/create-voice-codecs.ts';
import { PacketBatch, readBatch } from '../../../media-node/src/adapters/codecs/packet-batch.ts';
import { SLOT_MS, VoiceTurns } from '../../../media-node/src/adapters/codecs/voice-turns.ts';
import type { LegName } from '../../../media-node/src/ports/media-plane.ts';
import { LEGS, planOf } from '../../support/a-voice-leg.ts';
import { packetsOf } from '../../support/speech/packets-of.ts';
import { repeated, spoken, VOICES } from '../../support/speech/voices.ts';
import type { Row } from '../report.ts';

const SLOTS = 20 / SLOT_MS;
/** Until the code has been compiled as it will stay. */
const WARM_UP_S = 2;
const WARM_UP_SLOTS = (WARM_UP_S * 1000) / SLOT_MS;

const sleepUntil = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, Math.max(0, ms - performance.now())));

type Streams = Readonly<Record<LegName, readonly Uint8Array[]>>;

/** What all calls are sent in one moment. */
function arrivals(streams: Streams, calls: number, frame: number): ArrayBuffer {
  const batch = new PacketBatch();
  for (const leg of ['browser', 'ims'] as const) {
    const packet = streams[leg][frame % streams[leg].length];
    for (let call = 1; packet && call <= calls; call += 1) {
      batch.add({ call, leg, atMs: Date.now(), packet });
    }
  }
  return batch.take();
}

/** Calls in real time on one thread: how long after its moment a slot was done. */
export async function lateness(calls: number, seconds: number): Promise<Row> {
  const codecs = createVoiceCodecs();
  const plan = planOf(LEGS['AMR-WB']);
  const said = VOICES.slice(0, 2).map((voice) => repeated(spoken(voice, 16_000), 4));
  const [browser = [], ims = []] = [plan.browser, plan.ims].map((leg, at) =>
    packetsOf(leg, said[at] ?? new Int16Array(0), { codecs, rateHz: 16_000 }),
  );
  let left = 0;
  const turns = new VoiceTurns(codecs, (report) => {
    if (report.kind === 'packets') left += [...readBatch(report.batch)].length;
  });
  for (let call = 1; call <= calls; call += 1) turns.take({ kind: 'open', call, plan });
  const lateMs: number[] = [];
  const startMs = performance.now();
  for (let slot = 0; slot < WARM_UP_SLOTS + (seconds * 1000) / SLOT_MS; slot += 1) {
    const dueMs = startMs + slot * SLOT_MS;
    await sleepUntil(dueMs);
    if (slot % SLOTS === 0) {
      turns.take({ kind: 'packets', batch: arrivals({ browser, ims }, calls, slot / SLOTS) });
    }
    turns.turn(slot, Date.now());
    if (slot >= WARM_UP_SLOTS) lateMs.push(performance.now() - dueMs);
  }
  lateMs.sort((a, b) => a - b);
  const at = (share: number): number =>
    Number((lateMs[Math.floor(lateMs.length * share)] ?? 0).toFixed(1));
  return {
    case: 'lateness',
    subject: `Opus ↔ AMR-WB, ${String(calls)} calls`,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    packetsPerCallPerS: Math.round(left / calls / (seconds + WARM_UP_S)),
  };
}

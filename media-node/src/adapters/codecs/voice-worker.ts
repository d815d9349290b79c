import { parentPort, workerData } from 'node:worker_threads';
import { createVoiceCodecs } from './create-voice-codecs.ts';
import { loadNativeAddon } from './native-addon.ts';
import type { VoiceWorkerData, WorkerOrder, WorkerReport } from './voice-messages.ts';
import { SLOT_MS, VoiceTurns } from './voice-turns.ts';

/** The thread of many calls: orders in, packets out, a slot every 5 ms by the steady clock. */
const port = parentPort;
if (!port) throw new TypeError('this file is the thread of a worker');

const { evsLibrary } = workerData as VoiceWorkerData;
const codecs = createVoiceCodecs(loadNativeAddon(), evsLibrary);
const turns = new VoiceTurns(codecs, (report: WorkerReport) => {
  port.postMessage(report, report.kind === 'packets' ? [report.batch] : []);
});
port.on('message', (order: WorkerOrder) => {
  turns.take(order);
});

const startMs = performance.now();
function run(): void {
  const slot = Math.floor((performance.now() - startMs) / SLOT_MS);
  turns.turn(slot, Date.now());
  const nextMs = startMs + (slot + 1) * SLOT_MS;
  setTimeout(run, Math.max(0, nextMs - performance.now()));
}
run();

import { parentPort } from 'node:worker_threads';
import { createVideoCodecs } from './create-video-codecs.ts';
import { VideoCalls } from './video-calls.ts';
import type { VideoOrder, VideoReport } from './video-messages.ts';

/** The thread of some calls' video: a picture is decoded and encoded as soon as it is whole. */
const port = parentPort;
if (!port) throw new TypeError('this file is the thread of a worker');

/** How late what is missing, or wanted, may be noticed where nothing comes. */
const TURN_MS = 20;

const calls = new VideoCalls(
  createVideoCodecs(),
  (report: VideoReport) => {
    port.postMessage(report, report.kind === 'packets' ? [report.batch] : []);
  },
  () => Date.now(),
);
port.on('message', (order: VideoOrder) => {
  calls.take(order);
});
setInterval(() => {
  calls.turn();
}, TURN_MS);

import { createJsonLog } from '@isthmus/media-node/adapters/telemetry/json-log';
import { noMetrics } from '@isthmus/media-node/adapters/telemetry/no-metrics';
import { systemClock } from '@isthmus/media-node/adapters/time/system-clock';
import { readEnv } from '@isthmus/media-node/env';
import { startMediaNode } from '@isthmus/media-node/start-media-node';
import { answerUsage } from './usage.ts';

/** The media node alone, so that its CPU and memory are nobody else's. */
const log = createJsonLog({ stream: process.stderr, clock: systemClock }, { level: 'error' });
const node = await startMediaNode(readEnv(process.env), { log, metrics: noMetrics });
await node.settled();
answerUsage(() => node.close());
process.send?.({});

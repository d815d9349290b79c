import { createScopedLog } from '@isthmus/functions/adapters/scoped-log';
import type { Telemetry } from '@isthmus/functions/compose';
import type { Log } from '@isthmus/media-node/ports/log';

/** The functions' log lines go where the node's go; their metrics are for the cloud. */
export const functionsTelemetry = (log: Log): Telemetry => ({
  log: createScopedLog(log),
  metrics: { count: () => undefined },
});

import { get } from 'node:https';
import { networkInterfaces } from 'node:os';
import { ENV, processEnv } from './env.ts';

/**
 * The container's health check: exits 0 where the control port answers. The node listens at the
 * task's own address alone, which only the node has asked for, so every address here is tried.
 */
const { [ENV.CONTROL_ADDRESS]: given, [ENV.CONTROL_PORT]: port } = processEnv();
const TIMEOUT_MS = 2_000;

const own = Object.values(networkInterfaces()).flatMap((all) =>
  (all ?? []).filter(({ family }) => family === 'IPv4').map(({ address }) => address),
);

const isHealthy = (host: string): Promise<void> =>
  new Promise((resolve, reject) => {
    // The certificate is of this boot and known to the registry; here nothing is told or believed.
    const options = { host, port, path: '/health', rejectUnauthorized: false, timeout: TIMEOUT_MS };
    const request = get(options, ({ statusCode }) => {
      if (statusCode === 200) resolve();
      else reject(new Error(`status ${String(statusCode)}`));
    });
    request.on('error', reject).on('timeout', () => request.destroy(new Error('timeout')));
  });

const isAnyHealthy = Promise.any((given ? [given] : own).map(isHealthy));
isAnyHealthy.then(
  () => process.exit(0),
  () => process.exit(1),
);

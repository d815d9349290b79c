import { cryptoIds } from '../../../media-node/src/adapters/ids/crypto-ids.ts';
import { findMediaAddon } from '../../../media-node/src/adapters/native/media-addon.ts';
import { createNativeMediaPlane } from '../../../media-node/src/adapters/native/native-media-plane.ts';
import { noMetrics } from '../../../media-node/src/adapters/telemetry/no-metrics.ts';
import { systemClock } from '../../../media-node/src/adapters/time/system-clock.ts';
import { createPortableMediaPlane } from '../../../media-node/src/adapters/werift/portable-media-plane.ts';
import { createCallMediaFactory } from '../../../media-node/src/app/media/call-media-factory.ts';
import type { CallMedia } from '../../../media-node/src/ports/call-media.ts';
import { noLog } from '../../support/node-no-log.ts';
import type { AccessOrder } from './isthmus-access.ts';

const HOST = '127.0.0.1';
const place = { bindAddress: HOST, announcedAddress: HOST };
const lab = { allowLocal: true, refusedRanges: [] };

const deps = { clock: systemClock, ids: cryptoIds, metrics: noMetrics, log: noLog };
const options = {
  browser: { ...place, port: 0, stunPort: 0 },
  ims: { ...place, firstPort: 22_000, lastPort: 29_998, quarantineMs: 0 },
  addressPolicy: lab,
  ...{ consentExpiryMs: 30_000, rtcpIntervalMs: 5_000, maxPacketsPerS: 3_000 },
};

function openPlane() {
  if (process.argv[2] === 'portable') return createPortableMediaPlane(deps, options);
  const addon = findMediaAddon();
  if (addon === undefined) throw new Error('the addon is not built: npm run build:native');
  return createNativeMediaPlane(deps, { ...options, addon, workers: 1 });
}

const plane = await openPlane();
const media = createCallMediaFactory(
  { plane, ids: cryptoIds, clock: systemClock },
  { addressPolicy: lab },
);
const calls = new Map<number, CallMedia>();

async function obey(order: AccessOrder): Promise<object> {
  if (order.kind === 'release') {
    await calls.get(order.call)?.close();
    calls.delete(order.call);
    return {};
  }
  const callId = `call-${String(order.call).padStart(8, '0')}`;
  const call = media.create({ callId, codecs: ['PCMA', 'opus'] }, () => undefined);
  calls.set(order.call, call);
  const taken = await call.takeBrowserOffer(order.offer);
  return taken.ok ? { answer: taken.value.accessAnswer } : { error: taken.error.code };
}

process.on('message', (order: AccessOrder | 'end') => {
  if (order === 'end') {
    void plane.close().finally(() => process.exit());
    return;
  }
  void obey(order).then((answer) => process.send?.(answer));
});
process.send?.({});

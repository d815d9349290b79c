import { cryptoIds } from '../../../media-node/src/adapters/ids/crypto-ids.ts';
import { findMediaAddon } from '../../../media-node/src/adapters/native/media-addon.ts';
import { createNativeMediaPlane } from '../../../media-node/src/adapters/native/native-media-plane.ts';
import { noMetrics } from '../../../media-node/src/adapters/telemetry/no-metrics.ts';
import { systemClock } from '../../../media-node/src/adapters/time/system-clock.ts';
import { createCallMediaFactory } from '../../../media-node/src/app/media/call-media-factory.ts';
import type { CallMedia } from '../../../media-node/src/ports/call-media.ts';
import type { MediaCall } from '../../../media-node/src/ports/media-plane.ts';
import { callId } from '../../../shared/src/domain/ids.ts';
import { IwfError } from '../../../shared/src/errors/iwf-error.ts';
import { noLog } from '../../support/node-no-log.ts';
import { collectGarbage } from '../processes/usage.ts';
import type { SubjectOrder } from './subject.ts';

/* The native plane with the SDP work of a call, as a node has it, and nothing else of a node. */

const HOST = '127.0.0.1';
const place = { bindAddress: HOST, announcedAddress: HOST };
const lab = { allowLocal: true, refusedRanges: [] };
const addon = findMediaAddon();
if (addon === undefined) throw new Error('the addon is not built: npm run build:native');
const pairs = Number(process.argv[2]);
const firstPort = 24_000;
const ports = { firstPort, lastPort: firstPort + 2 * pairs - 1 };

const plane = await createNativeMediaPlane(
  { clock: systemClock, ids: cryptoIds, metrics: noMetrics, log: noLog },
  {
    browser: { ...place, port: 0, stunPort: 0 },
    ims: { ...place, ...ports, quarantineMs: 1_000 },
    addressPolicy: lab,
    ...{ consentExpiryMs: 30_000, rtcpIntervalMs: 5_000, maxPacketsPerS: 3_000 },
    ...{ addon, workers: 1 },
  },
);
const media = createCallMediaFactory(
  { plane, ids: cryptoIds, clock: systemClock },
  { addressPolicy: lab },
);
const live = new Map<number, CallMedia>();
let lost = 0;

async function open(call: number, offer: string, imsAnswer: string): Promise<object> {
  const id = `call-${String(call).padStart(8, '0')}`;
  const it = media.create({ callId: id, codecs: ['PCMA'] }, ({ kind }) => {
    if (kind === 'access-failed' || kind === 'consent-lost') lost += 1;
  });
  live.set(call, it);
  const offered = await it.takeBrowserOffer(offer);
  if (!offered.ok) return { error: offered.error.code };
  const answered = it.takeImsAnswer(imsAnswer);
  if (!answered.ok) return { error: answered.error.code };
  it.setGate({ toIms: true, toBrowser: true });
  return offered.value;
}

/** As many calls as there are free pairs of ports, all at once, and none again. */
async function fill(): Promise<number> {
  const opened: MediaCall[] = [];
  try {
    for (let call = 0; call < pairs; call += 1) {
      opened.push(
        await plane.open(callId(`fill-${String(call).padStart(8, '0')}`), () => undefined),
      );
    }
  } catch {
    // The number says how far it came.
  }
  await Promise.all(opened.map((it) => it.close()));
  return opened.length;
}

async function obey(order: SubjectOrder): Promise<object> {
  switch (order.kind) {
    case 'open':
      return open(order.call, order.offer, order.imsAnswer);
    case 'close':
      await live.get(order.call)?.close();
      live.delete(order.call);
      return {};
    case 'count':
      collectGarbage();
      return { heapBytes: process.memoryUsage().heapUsed, live: live.size, lost };
    case 'fill':
      return { pairs: await fill() };
  }
}

/** What the plane refuses is told: it has no more ports than it should need. */
const answerTo = (order: SubjectOrder): Promise<object> =>
  obey(order).catch((cause: unknown) => ({
    error: cause instanceof IwfError ? JSON.stringify(cause.details) : String(cause),
  }));

process.on('disconnect', () => process.exit());
process.on('message', (order: SubjectOrder | 'end') => {
  if (order === 'end') void plane.close().finally(() => process.exit());
  else void answerTo(order).then((answer) => process.send?.(answer));
});
process.send?.({});

import { randomBytes, randomUUID } from 'node:crypto';
import { createVideoCodecs } from '../../../media-node/src/adapters/codecs/create-video-codecs.ts';
import { createVoiceCodecs } from '../../../media-node/src/adapters/codecs/create-voice-codecs.ts';
import { createWorkerTranscoder } from '../../../media-node/src/adapters/codecs/worker-transcoder.ts';
import { createWorkerVideoTranscoder } from '../../../media-node/src/adapters/codecs/worker-video-transcoder.ts';
import type { MediaPlaneOptions } from '../../../media-node/src/adapters/media/media-plane-options.ts';
import { createNativeMediaPlane } from '../../../media-node/src/adapters/native/native-media-plane.ts';
import { systemClock } from '../../../media-node/src/adapters/time/system-clock.ts';
import { createPortableMediaPlane } from '../../../media-node/src/adapters/werift/portable-media-plane.ts';
import { createCallMediaFactory } from '../../../media-node/src/app/media/call-media-factory.ts';
import type { CallMediaFactory } from '../../../media-node/src/ports/call-media.ts';
import type { Ids } from '../../../media-node/src/ports/ids.ts';
import type { MediaPlane } from '../../../media-node/src/ports/media-plane.ts';
import type { Metrics } from '../../../media-node/src/ports/metrics.ts';
import { mediaAddon } from '../../support/media-addon.ts';
import { silentLog } from '../../support/sip-account-bench.ts';

export const realIds: Ids = {
  random: (bits) => randomBytes(Math.ceil(bits / 8)).toString('base64url'),
  uuid: () => randomUUID(),
};

export class CountingMetrics implements Metrics {
  readonly counts = new Map<string, number>();
  count(name: string, dimensions: Readonly<Record<string, string>> = {}): void {
    const key = [name, ...Object.values(dimensions)].join(' ');
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
  }
  gauge(): void {
    // Only counters are looked at here.
  }
}

const LAB = { allowLocal: true, refusedRanges: [] } as const;

export const labOptions: MediaPlaneOptions = {
  browser: { bindAddress: '127.0.0.1', announcedAddress: '127.0.0.1', port: 0, stunPort: 0 },
  ims: {
    bindAddress: '127.0.0.1',
    announcedAddress: '127.0.0.1',
    firstPort: 42_000,
    lastPort: 42_199,
    quarantineMs: 0,
  },
  addressPolicy: LAB,
  consentExpiryMs: 30_000,
  maxPacketsPerS: 3_000,
  rtcpIntervalMs: 1000,
};

/** Browsers may come by TCP as well. */
export const labByTcpToo: MediaPlaneOptions = {
  ...labOptions,
  browser: { ...labOptions.browser, iceTcp: { port: 0 } },
};

export interface MediaNode {
  readonly plane: MediaPlane;
  readonly media: CallMediaFactory;
  readonly metrics: CountingMetrics;
  close(): Promise<void>;
}

export type PlaneName = 'native' | 'portable';

export async function aMediaNode(
  options = labOptions,
  name: PlaneName = 'portable',
): Promise<MediaNode> {
  const metrics = new CountingMetrics();
  const deps = { clock: systemClock, ids: realIds, metrics, log: silentLog };
  const plane =
    name === 'portable'
      ? await createPortableMediaPlane(deps, options)
      : await createNativeMediaPlane(deps, { ...options, addon: mediaAddon(), workers: 1 });
  const transcoder = createWorkerTranscoder(
    { ...deps, codecs: createVoiceCodecs() },
    { threads: 1, capacity: 10 },
  );
  const videoTranscoder = createWorkerVideoTranscoder(
    { ...deps, codecs: createVideoCodecs() },
    { threads: 1, capacity: 2 },
  );
  const media = createCallMediaFactory(
    { ...deps, plane, transcoder, videoTranscoder },
    { addressPolicy: LAB },
  );
  return {
    plane,
    media,
    metrics,
    async close() {
      await Promise.all([plane.close(), transcoder.close(), videoTranscoder.close()]);
    },
  };
}

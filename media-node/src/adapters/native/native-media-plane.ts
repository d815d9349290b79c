import { IwfError } from '@isthmus/shared/errors/iwf-error';
import { createAddressPolicy } from '../../core/sdp/address-policy.ts';
import type { Log } from '../../ports/log.ts';
import type { MediaCall, MediaEvent, MediaPlane } from '../../ports/media-plane.ts';
import { makeCertificate } from '../control/certificate.ts';
import type { IceTcpDoor } from '../ice-tcp/ice-tcp-door.ts';
import type { MediaPlaneDeps, MediaPlaneOptions } from '../media/media-plane-options.ts';
import { openDoor } from '../media/open-door.ts';
import { PortPool } from '../udp/port-pool.ts';
import { openStunResponder } from '../udp/stun-responder.ts';
import { engineOptions, fingerprintOf, type MediaIo } from './engine-options.ts';
import { NativeMediaCall, type PortPairs } from './native-media-call.ts';
import { WorkerCrew } from './worker-crew.ts';

export interface NativeMediaPlaneDeps extends MediaPlaneDeps {
  readonly log: Log;
}

export interface NativeMediaPlaneOptions extends MediaPlaneOptions {
  /** Of the built addon. */
  readonly addon: string;
  /** How many processes carry the calls; one for each core is right. */
  readonly workers: number;
  /** `auto` where absent. */
  readonly io?: MediaIo;
}

/** How many pairs another process may hold of our range before we give up. */
const MAX_ATTEMPTS = 32;
/** How often what the browser ports threw away is told. */
const DROPS_INTERVAL_MS = 10_000;

/** WebRTC and packets in C, in processes of their own: one shared browser port for each. */
export async function createNativeMediaPlane(
  deps: NativeMediaPlaneDeps,
  options: NativeMediaPlaneOptions,
): Promise<MediaPlane> {
  const { clock, metrics } = deps;
  const { bindAddress: address, announcedAddress, stunPort } = options.browser;
  const certificate = await makeCertificate(clock.nowMs());
  const ports = portsOf(options);
  const door = await openDoor({ clock, metrics }, options);
  const crew = await WorkerCrew.start(deps, {
    addon: options.addon,
    browserPorts: ports.browser,
    engine: engineOptions(options, certificate),
  });
  const onFault = (): void => {
    metrics.count('media_packet_faults');
  };
  const stun = await openStunResponder({ address, port: stunPort, onFault });
  const plane = new NativeMediaPlane(deps, {
    crew,
    door,
    ims: options.ims,
    announced: { browser: announcedAddress, ims: options.ims.announcedAddress },
    mayReach: createAddressPolicy(options.addressPolicy),
    pool: new PortPool({ clock }, { ...options.ims, lastPort: ports.lastImsPort }),
    fingerprint: fingerprintOf(certificate),
    isLite: options.browser.isLite ?? false,
  });
  plane.tellDropsLater();
  return {
    imsDtlsRoles: ['client', 'server'],
    stunUrl: `stun:${announcedAddress}:${String(stun.port)}`,
    open: (_callId, onEvent) => plane.open(onEvent),
    close: async () => {
      await Promise.all([plane.close(), stun.close(), door?.close()]);
    },
  };
}

/** A fixed port is the first worker's; the others' are the last ones of the range toward IMS. */
function portsOf({ browser, ims, workers }: NativeMediaPlaneOptions): {
  readonly browser: readonly number[];
  readonly lastImsPort: number;
} {
  const later = browser.port === 0 ? 0 : workers - 1;
  const portOf = (index: number): number =>
    index === 0 || browser.port === 0 ? browser.port : ims.lastPort - index + 1;
  return {
    browser: Array.from({ length: workers }, (_, index) => portOf(index)),
    lastImsPort: ims.lastPort - later,
  };
}

const pairsOf = (pool: PortPool): PortPairs => ({
  async open(open) {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const rtpPort = pool.take();
      if (rtpPort === undefined) break;
      const opened = await open(rtpPort).catch((cause: unknown) => {
        pool.give(rtpPort);
        throw cause;
      });
      if (opened !== undefined) return opened;
      pool.give(rtpPort);
    }
    throw new IwfError('internal', { reason: 'no free RTP port pair' });
  },
  give(rtpPort) {
    pool.give(rtpPort);
  },
});

interface Own {
  readonly crew: WorkerCrew;
  readonly door: IceTcpDoor | undefined;
  readonly ims: MediaPlaneOptions['ims'];
  readonly announced: { readonly browser: string; readonly ims: string };
  readonly mayReach: ReturnType<typeof createAddressPolicy>;
  readonly pool: PortPool;
  readonly fingerprint: string;
  readonly isLite: boolean;
}

class NativeMediaPlane {
  readonly #deps: NativeMediaPlaneDeps;
  readonly #own: Own;
  readonly #open = new Set<NativeMediaCall>();
  readonly #ports: PortPairs;
  #stopTelling: () => void = () => undefined;

  constructor(deps: NativeMediaPlaneDeps, own: Own) {
    this.#deps = deps;
    this.#own = own;
    this.#ports = pairsOf(own.pool);
  }

  async open(onEvent: (event: MediaEvent) => void): Promise<MediaCall> {
    const call = await this.#ports.open((rtpPort) =>
      this.#openOn(this.#own.crew.least(), rtpPort, onEvent),
    );
    this.#open.add(call);
    return call;
  }

  async close(): Promise<void> {
    this.#stopTelling();
    await Promise.all([...this.#open].map((call) => call.close()));
    this.#tellDrops();
    await this.#own.crew.stop();
  }

  tellDropsLater(): void {
    this.#stopTelling = this.#deps.clock.after(DROPS_INTERVAL_MS, () => {
      this.#tellDrops();
      this.tellDropsLater();
    });
  }

  #tellDrops(): void {
    for (const [reason, count] of this.#own.crew.newDrops()) {
      this.#deps.metrics.count('browser_port_packets_dropped', { reason }, count);
    }
  }

  async #openOn(
    worker: ReturnType<WorkerCrew['least']>,
    rtpPort: number,
    onEvent: (event: MediaEvent) => void,
  ): Promise<NativeMediaCall | undefined> {
    const { announced, door, fingerprint, isLite, mayReach } = this.#own;
    const ports = this.#ports;
    const onClosed = (closed: NativeMediaCall): void => {
      this.#open.delete(closed);
      ports.give(rtpPort);
    };
    const cname = this.#deps.ids.random(96);
    const options = { announced, fingerprint, isLite, rtpPort, cname };
    const deps = { worker, mayReach, ports, door, onEvent, onClosed };
    return NativeMediaCall.open(deps, options);
  }
}

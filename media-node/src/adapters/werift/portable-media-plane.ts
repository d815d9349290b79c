import { RTCDtlsTransport } from 'werift';
import { type AddressPolicyOptions, createAddressPolicy } from '../../core/sdp/address-policy.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import type { MediaPlane } from '../../ports/media-plane.ts';
import type { Metrics } from '../../ports/metrics.ts';
import { openImsPorts } from '../udp/ims-ports.ts';
import { PortPool, type PortPoolOptions } from '../udp/port-pool.ts';
import { openStunResponder } from '../udp/stun-responder.ts';
import { AccessLeg } from './access-leg.ts';
import { openBrowserPort } from './browser-port.ts';
import { nodeSrtpCrypto } from './node-srtp-crypto.ts';
import { PortableMediaCall } from './portable-media-call.ts';

export interface PortableMediaPlaneDeps {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly metrics: Metrics;
}

export interface PortableMediaPlaneOptions {
  readonly browser: {
    readonly bindAddress: string;
    /** What browsers are told; another than the bound one behind NAT. */
    readonly announcedAddress: string;
    /** 0 lets the system choose. */
    readonly port: number;
    /** Where clients ask how they are seen; never the same port. 0 lets the system choose. */
    readonly stunPort: number;
  };
  readonly ims: {
    readonly bindAddress: string;
    readonly announcedAddress: string;
  } & PortPoolOptions;
  readonly addressPolicy: AddressPolicyOptions;
  readonly consentExpiryMs: number;
  readonly rtcpIntervalMs: number;
  /** What is taken of one side of a call; the rest is dropped before any work on it. */
  readonly maxPacketsPerS: number;
}

/** WebRTC by werift, packets in TypeScript: runs wherever Node does. */
export async function createPortableMediaPlane(
  { clock, ids, metrics }: PortableMediaPlaneDeps,
  options: PortableMediaPlaneOptions,
): Promise<MediaPlane> {
  const { browser, ims, addressPolicy, consentExpiryMs, rtcpIntervalMs, maxPacketsPerS } = options;
  const mayReach = createAddressPolicy(addressPolicy);
  const certificate = await RTCDtlsTransport.SetupCertificate();
  const { bindAddress: address, announcedAddress } = browser;
  const port = await openBrowserPort({ metrics, mayReach }, { address, port: browser.port });
  const onFault = (): void => {
    metrics.count('media_packet_faults');
  };
  const stun = await openStunResponder({ address, port: browser.stunPort, onFault });
  const pool = new PortPool({ clock }, ims);
  const open = new Set<PortableMediaCall>();
  return {
    stunUrl: `stun:${announcedAddress}:${String(stun.port)}`,
    async open(_callId, onEvent) {
      const call = await PortableMediaCall.open(
        {
          clock,
          mayReach,
          onEvent,
          onClosed: (closed) => open.delete(closed),
          openIms: (sink) =>
            openImsPorts(
              { pool, clock, crypto: nodeSrtpCrypto, sink: { ...sink, onFault } },
              { ...ims, maxPacketsPerS },
            ),
          async openAccess(sink) {
            const deps = { port, clock, certificate, sink };
            const leg = new AccessLeg(deps, { announcedAddress, consentExpiryMs, maxPacketsPerS });
            await leg.open();
            return leg;
          },
        },
        { cname: ids.random(96), rtcpIntervalMs },
      );
      open.add(call);
      return call;
    },
    async close() {
      await Promise.all([...open].map((call) => call.close()));
      await Promise.all([port.close(), stun.close()]);
    },
  };
}

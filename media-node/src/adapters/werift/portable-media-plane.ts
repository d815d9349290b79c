import { RTCDtlsTransport } from 'werift';
import { createAddressPolicy } from '../../core/sdp/address-policy.ts';
import type { MediaPlane } from '../../ports/media-plane.ts';
import type { MediaPlaneDeps, MediaPlaneOptions } from '../media/media-plane-options.ts';
import { openDoor } from '../media/open-door.ts';
import { openImsPorts } from '../udp/ims-ports.ts';
import { PortPool } from '../udp/port-pool.ts';
import { openStunResponder } from '../udp/stun-responder.ts';
import { AccessLeg } from './access-leg.ts';
import { openBrowserPort } from './browser-port.ts';
import { imsHandshakes } from './ims-handshake.ts';
import { nodeSrtpCrypto } from './node-srtp-crypto.ts';
import { PortableMediaCall } from './portable-media-call.ts';

/** WebRTC by werift, packets in TypeScript: runs wherever Node does. */
export async function createPortableMediaPlane(
  { clock, ids, metrics }: MediaPlaneDeps,
  options: MediaPlaneOptions,
): Promise<MediaPlane> {
  const { browser, ims, addressPolicy, consentExpiryMs, rtcpIntervalMs, maxPacketsPerS } = options;
  const mayReach = createAddressPolicy(addressPolicy);
  const certificate = await RTCDtlsTransport.SetupCertificate();
  const { bindAddress: address, announcedAddress, isLite = false } = browser;
  const door = await openDoor({ clock, metrics }, options);
  const port = await openBrowserPort(
    { metrics, mayReach, door, isLite },
    { address, port: browser.port },
  );
  const onFault = (): void => {
    metrics.count('media_packet_faults');
  };
  const stun = await openStunResponder({ address, port: browser.stunPort, onFault });
  const pool = new PortPool({ clock }, ims);
  const startHandshake = imsHandshakes({ certificate, clock });
  const open = new Set<PortableMediaCall>();
  return {
    imsDtlsRoles: ['client', 'server'],
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
              { pool, clock, crypto: nodeSrtpCrypto, startHandshake, sink: { ...sink, onFault } },
              { ...ims, maxPacketsPerS },
            ),
          async openAccess(sink) {
            const deps = { port, clock, certificate, sink };
            const limits = { consentExpiryMs, maxPacketsPerS };
            const byTcp = door ? [door.candidate] : [];
            const leg = new AccessLeg(deps, { announcedAddress, byTcp, isLite, ...limits });
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
      await Promise.all([port.close(), stun.close(), door?.close()]);
    },
  };
}

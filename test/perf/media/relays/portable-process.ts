import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { classes, Message, methods } from 'werift';
import { noMetrics } from '../../../../media-node/src/adapters/telemetry/no-metrics.ts';
import { systemClock } from '../../../../media-node/src/adapters/time/system-clock.ts';
import { openImsPorts } from '../../../../media-node/src/adapters/udp/ims-ports.ts';
import { PortPool } from '../../../../media-node/src/adapters/udp/port-pool.ts';
import { openBrowserPort } from '../../../../media-node/src/adapters/werift/browser-port.ts';
import { nodeSrtpCrypto } from '../../../../media-node/src/adapters/werift/node-srtp-crypto.ts';
import { PortableMediaCall } from '../../../../media-node/src/adapters/werift/portable-media-call.ts';
import { range } from '../../in-turn.ts';
import { ACCESS_PEER_PORT, IMS_PEER_PORT, PAYLOAD_TYPE, peerAddress, RELAY_KEY } from '../keys.ts';
import { KeyedAccess } from './keyed-access.ts';

/* The portable plane's path of a packet, whole; ICE and DTLS are taken as done. */

const HOST = '127.0.0.1';
const MAX_PACKETS_PER_S = 3_000;
const RTCP_INTERVAL_MS = 5_000;
const clock = systemClock;

const place = { bindAddress: HOST, announcedAddress: HOST };
const port = await openBrowserPort(
  { metrics: noMetrics, mayReach: () => true },
  { address: HOST, port: 0 },
);
const range_ = { firstPort: 22_000, lastPort: 29_999, quarantineMs: 0 };
const pool = new PortPool({ clock }, range_);
const nothing = (): void => undefined;

async function openCall(at: number): Promise<number> {
  let access: KeyedAccess | undefined;
  const call = await PortableMediaCall.open(
    {
      ...{ clock, mayReach: () => true, onEvent: nothing, onClosed: nothing },
      openIms: (sink) =>
        openImsPorts(
          {
            ...{ pool, clock, crypto: nodeSrtpCrypto, sink: { ...sink, onFault: nothing } },
            startHandshake: () => ({ take: nothing, close: nothing }),
          },
          { ...place, maxPacketsPerS: MAX_PACKETS_PER_S },
        ),
      openAccess(sink) {
        access = new KeyedAccess({ port, clock, sink }, MAX_PACKETS_PER_S);
        return Promise.resolve(access);
      },
    },
    { cname: 'bench', rtcpIntervalMs: RTCP_INTERVAL_MS },
  );
  if (access) await proveAddress(access, peerAddress(at));
  const same = new Map([[PAYLOAD_TYPE, PAYLOAD_TYPE]]);
  call.setRewrite({ payloadToIms: same, payloadToBrowser: same });
  const peer = { address: peerAddress(at), rtpPort: IMS_PEER_PORT, rtcpPort: IMS_PEER_PORT };
  call.connectIms(peer);
  call.setGate({ toIms: true, toBrowser: true });
  return call.ims.rtpPort;
}

/** A signed check from the address that will speak, as the browser port wants to see it. */
async function proveAddress(access: KeyedAccess, address: string): Promise<void> {
  const socket = createSocket('udp4').bind(ACCESS_PEER_PORT, address);
  await once(socket, 'listening');
  const check = new Message(methods.BINDING, classes.REQUEST)
    .setAttribute('USERNAME', `${access.usernameFragment}:bench`)
    .setAttribute('PRIORITY', 1)
    .addMessageIntegrity(Buffer.from(access.password))
    .addFingerprint();
  socket.send(check.bytes, port.port, HOST);
  await access.proven;
  socket.close();
}

const calls = [];
for (const at of range(Number(process.argv[2]))) {
  calls.push({ accessPort: port.port, imsPort: await openCall(at), key: RELAY_KEY });
}
process.stdout.write(`ready ${JSON.stringify(calls)}\n`);

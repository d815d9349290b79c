import {
  findMediaAddon,
  loadMediaAddon,
} from '../../../../media-node/src/adapters/native/media-addon.ts';
import { aCertificate } from '../../../support/memory-certificate.ts';
import { range } from '../../in-turn.ts';
import {
  ACCESS_PEER_PORT,
  CM_PROFILE,
  GENERATOR_KEY,
  IMS_PEER_PORT,
  PAYLOAD_TYPE,
  peerAddress,
  RELAY_KEY,
} from '../keys.ts';

/* One engine of the native plane, as a worker of it runs one; keys are given instead of agreed. */

const HOST = '127.0.0.1';
const FIRST_PORT = 22_000;
const LAST_PORT = 29_998;
const NOTHING = new Uint8Array(0);

const path = findMediaAddon();
if (path === undefined) {
  process.stdout.write('the addon is not built\n');
  process.exit(1);
}
const addon = loadMediaAddon(path);

const calls = Number(process.argv[2]);
const { fd } = addon.createStats(calls);
const engine = addon.start(
  {
    browser: { address: HOST, port: 0 },
    ims: { address: HOST, port: 0 },
    ...{ maxCalls: calls, consentExpiryMs: 30_000, rtcpIntervalMs: 5_000, maxPacketsPerS: 3_000 },
    ...{ isLite: false, mayUseRing: process.argv[3] !== 'epoll' },
    ...aCertificate(),
    refusedRanges: NOTHING,
    statsFd: fd,
  },
  () => undefined,
);

const payloadTypes = new Uint8Array(128).fill(255);
payloadTypes[PAYLOAD_TYPE] = PAYLOAD_TYPE;
const [fromBrowser, toBrowser] = [GENERATOR_KEY, RELAY_KEY].map((it) => Buffer.from(it, 'hex'));
let nextPort = FIRST_PORT;

function openCall(slot: number): number {
  for (; nextPort < LAST_PORT; nextPort += 2) {
    if (!addon.open(engine.handle, slot, slot + 1, 'bench', nextPort)) continue;
    const port = nextPort;
    nextPort += 2;
    return port;
  }
  throw new Error('no free RTP port pair');
}

function connect(slot: number): void {
  const at = (port: number) => ({ address: peerAddress(slot), port });
  const keys = [fromBrowser ?? Buffer.alloc(0), toBrowser ?? Buffer.alloc(0)] as const;
  if (!addon.setKeys(engine.handle, slot, CM_PROFILE, ...keys, at(ACCESS_PEER_PORT))) {
    throw new Error('the keys were not taken');
  }
  const ims = [at(IMS_PEER_PORT), at(IMS_PEER_PORT)] as const;
  addon.connectIms(engine.handle, slot, ...ims, false, 0, NOTHING, NOTHING);
  const noEvents = new Uint8Array(128);
  const tables = [payloadTypes, payloadTypes] as const;
  addon.setRewrite(engine.handle, slot, ...tables, 8_000, 8_000, noEvents, noEvents);
  addon.setGate(engine.handle, slot, true, true, false);
}

const opened = range(calls).map((slot) => {
  const imsPort = openCall(slot);
  connect(slot);
  return { accessPort: engine.port, imsPort, key: RELAY_KEY };
});
process.stdout.write(`ready ${JSON.stringify(opened)}\n`);
setInterval(() => undefined, 60_000);

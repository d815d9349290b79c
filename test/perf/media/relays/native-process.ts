import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
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

interface AddressAndPort {
  readonly address: string;
  readonly port: number;
}

/** Of `media-node/native/src/addon.c`, what is used here. */
interface Addon {
  createStats(maxCalls: number): { readonly fd: number };
  start(options: object, onEvent: () => void): { readonly handle: unknown; readonly port: number };
  open(engine: unknown, slot: number, serial: number, cname: string, rtpPort: number): unknown;
  setKeys(
    engine: unknown,
    slot: number,
    profile: number,
    fromBrowser: Uint8Array,
    toBrowser: Uint8Array,
    remote: AddressAndPort,
  ): boolean;
  connectIms(engine: unknown, slot: number, rtp: AddressAndPort, rtcp: AddressAndPort): void;
  setRewrite(
    engine: unknown,
    slot: number,
    toIms: Uint8Array,
    toBrowser: Uint8Array,
    clockRateHz: number,
  ): void;
  setGate(engine: unknown, slot: number, toIms: boolean, toBrowser: boolean): void;
}

const HOST = '127.0.0.1';
const FIRST_PORT = 22_000;
const LAST_PORT = 29_998;
const BUILT = new URL('../../../../media-node/native/build/isthmus-media.node', import.meta.url);

const path = fileURLToPath(BUILT);
if (!existsSync(path)) {
  process.stdout.write('the addon is not built\n');
  process.exit(1);
}
const addon = createRequire(import.meta.url)(path) as Addon;

const calls = Number(process.argv[2]);
const { fd } = addon.createStats(calls);
const engine = addon.start(
  {
    browser: { address: HOST, port: 0 },
    ims: { address: HOST, port: 0 },
    ...{ maxCalls: calls, consentExpiryMs: 30_000, rtcpIntervalMs: 5_000, maxPacketsPerS: 3_000 },
    ...aCertificate(),
    refusedRanges: new Uint8Array(0),
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
  addon.connectIms(engine.handle, slot, at(IMS_PEER_PORT), at(IMS_PEER_PORT));
  addon.setRewrite(engine.handle, slot, payloadTypes, payloadTypes, 8_000);
  addon.setGate(engine.handle, slot, true, true);
}

const opened = range(calls).map((slot) => {
  const imsPort = openCall(slot);
  connect(slot);
  return { accessPort: engine.port, imsPort, key: RELAY_KEY };
});
process.stdout.write(`ready ${JSON.stringify(opened)}\n`);
setInterval(() => undefined, 60_000);

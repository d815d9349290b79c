import { closeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import {
  type AddressAndPort,
  findMediaAddon,
  loadMediaAddon,
} from '@isthmus/media-node/adapters/native/media-addon';
import { SharedStats } from '@isthmus/media-node/adapters/native/shared-stats';
import { aCertificate } from '../../support/memory-certificate.ts';

interface KeyedCall {
  readonly profile: number;
  readonly fromBrowser: string;
  readonly toBrowser: string;
  readonly browser: AddressAndPort;
  readonly ims: AddressAndPort;
  readonly rtpPort: number;
  readonly payloadTypes: readonly number[];
}

interface RelaySettings {
  readonly bind: string;
  readonly browserPort?: number;
  readonly rtcpIntervalMs?: number;
  readonly maxPacketsPerS?: number;
  readonly calls: readonly KeyedCall[];
}

/* The relay of the native plane by itself; media-node/native/README.md says how it is spoken with. */

const path = findMediaAddon();
if (path === undefined) throw new Error('the media addon is not built: npm run build:native');
const addon = loadMediaAddon(path);
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const settings = JSON.parse((await lines.next()).value ?? '{}') as RelaySettings;
const { fd, memory } = addon.createStats(settings.calls.length);
const stats = new SharedStats(memory);
const { certificatePem, privateKeyPem } = aCertificate('relay');
const { handle: engine, port: browserPort } = addon.start(
  {
    browser: { address: settings.bind, port: settings.browserPort ?? 0 },
    ims: { address: settings.bind, port: 0 },
    maxCalls: settings.calls.length,
    consentExpiryMs: 30_000,
    rtcpIntervalMs: settings.rtcpIntervalMs ?? 5_000,
    maxPacketsPerS: settings.maxPacketsPerS ?? 3_000,
    ...{ certificatePem, privateKeyPem },
    refusedRanges: new Uint8Array(),
    statsFd: fd,
  },
  () => undefined,
);
closeSync(fd);
settings.calls.forEach(openCall);
process.stdout.write(`${JSON.stringify({ browserPort, pid: process.pid })}\n`);

for await (const _line of lines) {
  const counted = settings.calls.map((_, slot) => stats.read(slot));
  process.stdout.write(`${JSON.stringify(counted)}\n`);
}
addon.stop(engine);
process.exit(0);

function openCall(call: KeyedCall, slot: number): void {
  if (!addon.open(engine, slot, slot, 'relay', call.rtpPort)) {
    throw new Error(`port ${String(call.rtpPort)} is taken`);
  }
  const keys = [call.fromBrowser, call.toBrowser].map((it) => Buffer.from(it, 'hex'));
  const [from = Buffer.alloc(0), to = Buffer.alloc(0)] = keys;
  if (!addon.setKeys(engine, slot, call.profile, from, to, call.browser)) {
    throw new Error('the keys are not of the profile');
  }
  const table = new Uint8Array(128).fill(255);
  for (const payloadType of call.payloadTypes) table[payloadType] = payloadType;
  const rtcp = { ...call.ims, port: call.ims.port + 1 };
  const none = new Uint8Array();
  addon.connectIms(engine, slot, call.ims, rtcp, false, 0, none, none);
  addon.setRewrite(engine, slot, table, table, 8000, 8000);
  addon.setGate(engine, slot, true, true, false);
}

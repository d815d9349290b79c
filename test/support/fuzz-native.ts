import { closeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import {
  type EngineHandle,
  loadMediaAddon,
  type MediaAddon,
} from '../../media-node/src/adapters/native/media-addon.ts';
import { nodeSrtpCrypto } from '../../media-node/src/adapters/werift/node-srtp-crypto.ts';
import {
  writeFullIntra,
  writeNack,
  writePictureLoss,
} from '../../media-node/src/core/media/rtcp-feedback.ts';
import { writeGoodbye } from '../../media-node/src/core/media/rtcp-packet.ts';
import { writeRtp } from '../../media-node/src/core/media/rtp-packet.ts';
import { SrtpSender } from '../../media-node/src/core/media/srtp-session.ts';
import { srtpKeysOf } from '../../media-node/src/core/media/srtp-suite.ts';
import { clientHello, record } from '../contract/hostile-dtls.ts';
import { check } from './ice-checks.ts';
import { aCertificate } from './memory-certificate.ts';
import { voipMetrics } from './voip-metrics.ts';

/* Run by scripts/fuzz-native.mjs, under sanitizers. */

type FuzzedAddon = MediaAddon & {
  fuzz(
    engine: EngineHandle,
    ...run: [slot: number, seeds: readonly Uint8Array[], seed: number, rounds: number]
  ): void;
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
  },
});
/** Between two looks at the clock. */
const ROUNDS = 2_000;
const SLOTS = 2;
const PROFILE = 1;
const MASTER = new Uint8Array(30).fill(3);

const addon = loadMediaAddon(positionals[0] ?? '') as FuzzedAddon;
const { fd } = addon.createStats(SLOTS);
const { handle: engine } = addon.start(
  {
    browser: { address: '127.0.0.1', port: 0 },
    ims: { address: '127.0.0.1', port: 0 },
    ...{ maxCalls: SLOTS, consentExpiryMs: 30_000, rtcpIntervalMs: 100, isLite: false },
    mayUseRing: true,
    // No cap is to stand before what is looked for.
    maxPacketsPerS: 1_000_000,
    ...aCertificate(),
    refusedRanges: new Uint8Array(0),
    statsFd: fd,
  },
  () => undefined,
);
closeSync(fd);
const [keyed, agreed] = [openCall(0), openCall(1)];

function openCall(slot: number) {
  for (let port = 45_000; port < 45_900; port += 2) {
    const call = addon.open(engine, slot, slot, 'fuzz', port);
    if (call) return call;
  }
  throw new Error('no free port');
}

function openVideo(slot: number): void {
  for (let port = 45_900; port < 46_800; port += 2) {
    if (addon.openVideo(engine, slot, port) !== undefined) return;
  }
  throw new Error('no free port');
}

const peer = { address: '127.0.0.9', port: 5000 };
addon.setKeys(engine, 0, PROFILE, MASTER, MASTER, { ...peer, port: 5001 });
addon.connectAccess(engine, 1, {
  usernameFragment: 'peer',
  password: 'a-password-of-the-peer-0',
  algorithm: 'sha-256',
  fingerprints: Array.from({ length: 32 }, () => 'AB').join(':'),
  weControl: false,
});
/** Every payload type may be a key. */
const EVENTS = new Uint8Array(128).fill(1);
const same = Uint8Array.from({ length: 128 }, (_, payloadType) => payloadType);
const VIDEO = 97;
const onlyVideo = same.map((payloadType) => (payloadType === VIDEO ? VIDEO : 255));
const ORIENTATION = 1;
/** Every kind of feedback. */
const ALL = 7;
/** The video of one call waits for a handshake. */
const SOMEBODY = {
  ...{ isClient: false, association: 1, algorithm: 'sha-256' },
  fingerprints: Array.from({ length: 32 }, () => 'AB').join(':'),
};
for (const slot of [0, 1]) {
  addon.connectIms(engine, slot, peer, peer, true, 0, new Uint8Array(), new Uint8Array());
  addon.setRewrite(engine, slot, same, same, 8000, 8000, EVENTS, EVENTS);
  addon.setGate(engine, slot, true, true, true);
  openVideo(slot);
  const keys = [0, new Uint8Array(), new Uint8Array()] as const;
  addon.connectVideo(engine, slot, peer, peer, true, ...keys, slot === 1 ? SOMEBODY : undefined);
  addon.setVideoRewrite(engine, slot, onlyVideo, same, ORIENTATION, ORIENTATION, ALL, ALL);
  addon.setVideoGate(engine, slot, true, true, true);
}

const rtp = (sequence: number, payloadType = 8) =>
  writeRtp(
    { marker: false, payloadType, sequence, timestamp: 160 * sequence, ssrc: 0x77 },
    new Uint8Array(160),
  );
/** With fifteen sources, an extension, and padding: a header longer than most are. */
const dressed = Uint8Array.from([
  ...[0xbf, 8, 0, 9, 0, 0, 0, 1, 0, 0, 0, 0x77],
  ...new Uint8Array(60).fill(1),
  ...[0xbe, 0xde, 0, 1, 0x10, 0xff, 0, 0],
  ...[1, 2, 3, 0, 0, 3],
]);
const turned = Uint8Array.from([
  ...[0x90, VIDEO, 0, 7, 0, 0, 0, 1, 0, 0, 0, 0x77],
  ...[0xbe, 0xde, 0, 2, 0x12, 1, 2, 3, 0, 0x30, 9, 0],
  ...[1, 2, 3, 4],
]);
/** The fuzzer puts in who we are, and what we have sent. */
const feedback = [
  writeNack(0x77, 1, [1, 2, 17, 65_535]),
  writePictureLoss(0x77, 1),
  writeFullIntra(0x77, 1, 1),
];
const goodbye = writeGoodbye({ ssrc: 0x77, cname: 'fuzz', blocks: [] });
/** Of the stream of ours that `read_rtcp` has, and of none. */
const extended = [1, 2].map((of) => Buffer.concat([goodbye, voipMetrics({ of, by: 0x77 })]));
const sealer = new SrtpSender(nodeSrtpCrypto, srtpKeysOf('AES_CM_128_HMAC_SHA1_80', MASTER));
const seeds = [
  ...[keyed, agreed].map((it) => check(it.usernameFragment, it.password)),
  clientHello(),
  record(22, 1, Buffer.alloc(60, 11), 1),
  Buffer.concat([record(20, 2, Buffer.of(1)), record(21, 3, Buffer.of(2, 40))]),
  rtp(1),
  rtp(2),
  dressed,
  dressed.subarray(0, 76),
  turned,
  rtp(3, VIDEO),
  ...feedback,
  goodbye,
  ...extended,
  ...[3, 4, 5].map((sequence) => sealer.protectRtp(rtp(sequence)) ?? new Uint8Array()),
  ...[6, 7].map((sequence) => sealer.protectRtp(rtp(sequence, VIDEO)) ?? new Uint8Array()),
  sealer.protectRtcp(goodbye),
].map((seed) => Uint8Array.from(seed));

const first = Number(values.seed);
process.stdout.write(`seed ${String(first)}\n`);
const endMs = Date.now() + 1000 * Number(values.seconds);
let rounds = 0;
for (let seed = first; Date.now() < endMs; seed += 1) {
  addon.fuzz(engine, 0, seeds, seed % 2 ** 31, ROUNDS);
  addon.fuzz(engine, 1, seeds, seed % 2 ** 31, ROUNDS);
  rounds += 2 * ROUNDS;
  // So that the engine's events are taken up.
  await new Promise((resolve) => setImmediate(resolve));
}
addon.stop(engine);
process.stdout.write(`${String(rounds)} inputs\n`);

import { pressed, TICKS_BETWEEN_KEYS } from '../../../support/rtp-keys.ts';
import { EVENTS } from './far-dialog.ts';

/** As `pcap` files have it: microseconds, no snapping, Ethernet. */
const MAGIC = 0xa1b2c3d4;
const [MAJOR, MINOR, SNAP_BYTES, ETHERNET] = [2, 4, 65_535, 1];
const [FILE_HEAD_BYTES, PACKET_HEAD_BYTES] = [24, 16];
const [ETHER_BYTES, IP_BYTES, UDP_BYTES, RTP_BYTES] = [14, 20, 8, 12];
const [IPV4, UDP, HOPS] = [0x0800, 17, 64];
/** sipp puts in its own, and the other side's. */
const ANY_PORT = 6_000;
const SSRC = 0x15_15_15;
const COPY_MS = 20;
/** sipp takes a time of zero for none. */
const FIRST_S = 1;

/** A capture of these keys being pressed one after another (RFC 4733), for sipp to play. */
export function keysCapture(keys: string, betweenKeysMs: number): Buffer {
  const head = Buffer.alloc(FILE_HEAD_BYTES);
  head.writeUInt32LE(MAGIC, 0);
  head.writeUInt16LE(MAJOR, 4);
  head.writeUInt16LE(MINOR, 6);
  head.writeUInt32LE(SNAP_BYTES, 16);
  head.writeUInt32LE(ETHERNET, 20);
  let sequence = 0;
  const packets = Array.from(keys).flatMap((key, index) =>
    pressed(key).map((payload, copy) => {
      sequence += 1;
      const timestamp = (index + 1) * TICKS_BETWEEN_KEYS;
      const atMs = index * betweenKeysMs + copy * COPY_MS;
      return packet(inUdp(rtp({ sequence, timestamp }, payload)), atMs);
    }),
  );
  return Buffer.concat([head, ...packets]);
}

function rtp(
  at: { readonly sequence: number; readonly timestamp: number },
  payload: Buffer,
): Buffer {
  const head = Buffer.alloc(RTP_BYTES);
  head.writeUInt8(0x80, 0);
  head.writeUInt8(EVENTS, 1);
  head.writeUInt16BE(at.sequence, 2);
  head.writeUInt32BE(at.timestamp, 4);
  head.writeUInt32BE(SSRC, 8);
  return Buffer.concat([head, payload]);
}

function inUdp(payload: Buffer): Buffer {
  const head = Buffer.alloc(UDP_BYTES);
  head.writeUInt16BE(ANY_PORT, 0);
  head.writeUInt16BE(ANY_PORT, 2);
  head.writeUInt16BE(UDP_BYTES + payload.length, 4);
  return Buffer.concat([head, payload]);
}

/** sipp reads no address, nor any sum. */
function packet(datagram: Buffer, atMs: number): Buffer {
  const ether = Buffer.alloc(ETHER_BYTES);
  ether.writeUInt16BE(IPV4, 12);
  const ip = Buffer.alloc(IP_BYTES);
  ip.writeUInt8(0x45, 0);
  ip.writeUInt16BE(IP_BYTES + datagram.length, 2);
  ip.writeUInt8(HOPS, 8);
  ip.writeUInt8(UDP, 9);
  const frame = Buffer.concat([ether, ip, datagram]);
  const head = Buffer.alloc(PACKET_HEAD_BYTES);
  head.writeUInt32LE(FIRST_S + Math.floor(atMs / 1_000), 0);
  head.writeUInt32LE((atMs % 1_000) * 1_000, 4);
  head.writeUInt32LE(frame.length, 8);
  head.writeUInt32LE(frame.length, 12);
  return Buffer.concat([head, frame]);
}

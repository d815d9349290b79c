import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { loadMediaAddon } from '../../media-node/src/adapters/native/media-addon.ts';
import { SharedStats } from '../../media-node/src/adapters/native/shared-stats.ts';
import { writeRtp } from '../../media-node/src/core/media/rtp-packet.ts';
import { mediaAddon } from './media-addon.ts';
import { aCertificate } from './memory-certificate.ts';

export const NOTHING = new Uint8Array();
export const NO_EVENTS = new Uint8Array(128);

/** One who hears and sends datagrams. */
export async function aPeer(address: string) {
  const heard: Buffer[] = [];
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  socket.on('message', (packet) => heard.push(packet));
  socket.bind(0, address);
  await once(socket, 'listening');
  return { socket, heard, at: { address, port: socket.address().port } };
}

export interface EngineSettings {
  readonly address: string;
  readonly mayUseRing?: boolean;
  readonly browserPort?: number;
}

/** One engine by itself, as the bench has it. */
export function anEngine({ address, mayUseRing = true, browserPort = 0 }: EngineSettings) {
  const addon = loadMediaAddon(mediaAddon());
  const { fd, memory } = addon.createStats(1);
  const started = addon.start(
    {
      browser: { address, port: browserPort },
      ims: { address, port: 0 },
      ...{ maxCalls: 1, consentExpiryMs: 30_000, rtcpIntervalMs: 5_000, maxPacketsPerS: 3_000 },
      ...{ isLite: false, mayUseRing },
      ...aCertificate(),
      refusedRanges: NOTHING,
      statsFd: fd,
    },
    () => undefined,
  );
  closeSync(fd);
  return { addon, ...started, stats: new SharedStats(memory) };
}

export const rtp = (sequence: number) =>
  writeRtp(
    { marker: false, payloadType: 8, sequence, timestamp: 160 * sequence, ssrc: 7 },
    Buffer.from('a voice'),
  );

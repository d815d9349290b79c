import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

/** Below the kernel's ephemeral range, so that no outgoing connection takes a port we chose. */
const FIRST_PORT = 12_000;
const LAST_PORT = 32_000;
const ATTEMPTS = 50;

const isFreeForUdp = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => {
      resolve(false);
    });
    socket.bind(port, host, () => {
      socket.close(() => {
        resolve(true);
      });
    });
  });

const isFreeForTcp = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, host, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });

/** A random port that is free for UDP and TCP; an even one, as RTP likes it. */
export async function findFreePort(host: string): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = randomInt(FIRST_PORT / 2, LAST_PORT / 2) * 2;
    if ((await isFreeForUdp(host, port)) && (await isFreeForTcp(host, port))) return port;
  }
  throw new Error(`No free port on ${host}`);
}

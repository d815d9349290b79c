import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The one port a browser sees, page and WebSocket: `localhost` resolves to it everywhere. */
export interface FrontServer {
  readonly port: number;
  readonly server: Server;
  serve(listener: RequestListener): void;
  close(): Promise<void>;
}

/** Rejects with `EADDRINUSE` where the port is taken. */
export async function openFrontServer(port: number): Promise<FrontServer> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    server,
    serve(listener) {
      server.on('request', listener);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

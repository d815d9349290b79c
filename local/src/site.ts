import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

interface Resource {
  readonly type: string;
  readonly body: string | Uint8Array;
}

export interface Site {
  /** Answers a request for the page; anything unknown is a 404. */
  handle(request: IncomingMessage, response: ServerResponse): void;
}

export interface SiteOptions {
  readonly tenants: readonly string[];
  readonly stage: string;
}

/** Scripts and styles are our own files; sockets go back to where the page came from. */
const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'self'; connect-src 'self' ws: wss:; media-src 'self' blob:; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
} as const;

const demoFile = (name: string): string =>
  fileURLToPath(new URL(`../../client/demo/${name}`, import.meta.url));

/** The softphone page, bundled when the stack starts. */
export async function createSite({ tenants, stage }: SiteOptions): Promise<Site> {
  const resources = new Map<string, Resource>([
    ['/', { type: 'text/html; charset=utf-8', body: await readFile(demoFile('index.html')) }],
    [
      '/style.css',
      { type: 'text/css; charset=utf-8', body: await readFile(demoFile('style.css')) },
    ],
    ['/demo.js', { type: 'text/javascript; charset=utf-8', body: await bundle() }],
    ['/favicon.ico', { type: 'image/svg+xml', body: FAVICON }],
  ]);
  const configFor = (request: IncomingMessage): Resource => ({
    type: 'application/json',
    body: JSON.stringify({
      wsUrl: `ws://${request.headers.host ?? ''}/${stage}`,
      tenants,
      trace: true,
    }),
  });
  return {
    handle(request, response) {
      const { pathname } = new URL(request.url ?? '/', 'http://localhost');
      const found = pathname === '/config.json' ? configFor(request) : resources.get(pathname);
      if (!found || request.method !== 'GET') {
        response.writeHead(404, { 'content-type': 'text/plain' }).end('Not found\n');
        return;
      }
      response.writeHead(200, { ...SECURITY_HEADERS, 'content-type': found.type }).end(found.body);
    },
  };
}

async function bundle(): Promise<Uint8Array> {
  const result = await build({
    entryPoints: [demoFile('demo.ts')],
    bundle: true,
    format: 'esm',
    target: 'es2023',
    minify: true,
    write: false,
  });
  return result.outputFiles[0]?.contents ?? new Uint8Array();
}

const FAVICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" ' +
  'fill="#0b5"/><path d="M5 21q11-16 22 0" fill="none" stroke="#fff" stroke-width="4"/></svg>';

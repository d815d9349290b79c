import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type OidcIssuer, oidcIssuer } from '@isthmus/shared/store/items';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

type KeyPair = Awaited<ReturnType<typeof generateKeyPair>>;

export interface SigningKey extends KeyPair {
  readonly kid: string;
  readonly alg: string;
}

export const AUDIENCE = 'isthmus-phone';

export type Claims = Readonly<Record<string, unknown>>;

/** What the keys are served as: by whatever the test wants to go wrong. */
export type Misbehaviour = 'none' | 'error' | 'nonsense' | 'huge' | 'moved' | 'silent';

export async function aKey(alg = 'ES256', kid: string = randomUUID()): Promise<SigningKey> {
  return { ...(await generateKeyPair(alg, { extractable: true })), kid, alg };
}

/** An OpenID Connect issuer: real signatures, and its keys on a real HTTP server. */
export class OidcIssuerServer {
  fetched = 0;
  misbehaviour: Misbehaviour = 'none';
  keys: readonly SigningKey[] = [];
  readonly #server: Server;
  #port = 0;

  constructor() {
    this.#server = createServer((_request, response) => {
      this.fetched += 1;
      void this.#body().then((body) => {
        if (body === undefined) return;
        const status = { error: 503, moved: 302 }[this.misbehaviour as string] ?? 200;
        response.writeHead(status, { location: this.#url('elsewhere') }).end(body);
      });
    });
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get name(): string {
    return this.#url('');
  }

  /** What a tenant says of this issuer. */
  settings(more: Partial<OidcIssuer> = {}): OidcIssuer {
    const issuer = this.name;
    return oidcIssuer.parse({
      issuer,
      audience: AUDIENCE,
      jwksUri: this.#url('keys'),
      ...more,
    });
  }

  /** An ID token good at `nowMs`, but for what the claims say. */
  sign(nowMs: number, claims: Claims = {}, with_: SignWith = {}): Promise<string> {
    const { header, key = this.keys[0] } = with_;
    if (!key) throw new Error('the issuer has no key yet');
    const nowS = Math.floor(nowMs / 1000);
    const usual = { iss: this.name, aud: AUDIENCE, sub: 's1', iat: nowS, exp: nowS + 300 };
    return new SignJWT({ ...usual, ...claims })
      .setProtectedHeader({ alg: key.alg, kid: key.kid, ...header })
      .sign(key.privateKey);
  }

  #url(path: string): string {
    return `http://127.0.0.1:${String(this.#port)}/${path}`;
  }

  async #body(): Promise<string | undefined> {
    if (this.misbehaviour === 'silent') return undefined;
    if (this.misbehaviour === 'nonsense') return '{"keys":"none"}';
    if (this.misbehaviour === 'huge') return `{"keys":[],"x":"${'x'.repeat(1_000_000)}"}`;
    const keys = await Promise.all(
      this.keys.map(async ({ alg, kid, publicKey }) => ({
        ...(await exportJWK(publicKey)),
        kid,
        alg,
        use: 'sig',
      })),
    );
    return JSON.stringify({ keys });
  }
}

export interface SignWith {
  readonly key?: SigningKey;
  readonly header?: Readonly<Record<string, unknown>>;
}

import type { TenantId } from '@isthmus/shared/domain/ids';
import { err, ok, type Result } from '@isthmus/shared/result';
import type { TokenItem } from '@isthmus/shared/store/items';
import type { Clock } from '../../functions/src/ports/clock.ts';
import type { TokenRefusal, TokenStore } from '../../functions/src/ports/token-store.ts';

export class MemoryTokenStore implements TokenStore {
  readonly #clock: Clock;
  readonly #items = new Map<string, TokenItem>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  put(tokenSha256: string, token: TokenItem): Promise<void> {
    this.#items.set(tokenSha256, token);
    return Promise.resolve();
  }

  redeem(tokenSha256: string, tenant: TenantId): Promise<Result<TokenItem, TokenRefusal>> {
    const nowMs = this.#clock.nowMs();
    const token = this.#items.get(tokenSha256);
    if (!token || token.ttl <= nowMs / 1000) return Promise.resolve(err('unknown'));
    if (token.tenantId !== tenant) return Promise.resolve(err('foreign'));
    if (token.redeemedAtMs !== undefined) return Promise.resolve(err('used'));
    if (token.expiresAtMs <= nowMs) return Promise.resolve(err('expired'));
    const redeemed = { ...token, redeemedAtMs: nowMs };
    this.#items.set(tokenSha256, redeemed);
    return Promise.resolve(ok(redeemed));
  }

  /** Everything stored, for a test that looks for what must not be there. */
  dump(): string {
    return JSON.stringify([...this.#items]);
  }
}

import type { TenantId } from '@isthmus/shared/domain/ids';
import type { OidcIdentityItem } from '@isthmus/shared/store/items';
import type { OidcSubject } from '@isthmus/shared/store/keys';
import type { Clock } from '../../functions/src/ports/clock.ts';
import type { IdentityStore, UsedIdToken } from '../../functions/src/ports/identity-store.ts';

const idOf = (...parts: readonly string[]): string => JSON.stringify(parts);
const subjectIdOf = (tenant: string, { issuer, subject }: OidcSubject): string =>
  idOf('subject', tenant, issuer, subject);
const userIdOf = ({ issuer, tenantId, userName }: OidcIdentityItem): string =>
  idOf('user', tenantId, issuer, userName);

export class MemoryIdentityStore implements IdentityStore {
  readonly #clock: Clock;
  readonly #items = new Map<string, OidcIdentityItem>();
  readonly #usedTtls = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  userNameOf(tenant: TenantId, subject: OidcSubject): Promise<string | undefined> {
    return Promise.resolve(this.#items.get(subjectIdOf(tenant, subject))?.userName);
  }

  bind(identity: OidcIdentityItem): Promise<boolean> {
    const [bySubject, byUser] = [subjectIdOf(identity.tenantId, identity), userIdOf(identity)];
    const known = this.#items.get(bySubject);
    if (known) return Promise.resolve(known.userName === identity.userName);
    if (this.#items.has(byUser)) return Promise.resolve(false);
    this.#items.set(bySubject, identity).set(byUser, identity);
    return Promise.resolve(true);
  }

  unbind(identity: OidcIdentityItem): Promise<boolean> {
    const bySubject = subjectIdOf(identity.tenantId, identity);
    if (this.#items.get(bySubject)?.userName !== identity.userName) return Promise.resolve(false);
    this.#items.delete(bySubject);
    this.#items.delete(userIdOf(identity));
    return Promise.resolve(true);
  }

  useOnce(tenant: TenantId, of: OidcSubject, { jti, ttl }: UsedIdToken): Promise<boolean> {
    const key = idOf(subjectIdOf(tenant, of), jti);
    const nowS = Math.floor(this.#clock.nowMs() / 1000);
    if ((this.#usedTtls.get(key) ?? 0) > nowS) return Promise.resolve(false);
    this.#usedTtls.set(key, ttl);
    return Promise.resolve(true);
  }
}

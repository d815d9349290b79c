import type { TenantId } from '@isthmus/shared/domain/ids';
import type { IwfErrorDetails } from '@isthmus/shared/errors/iwf-error';
import type { Result } from '@isthmus/shared/result';
import type { TokenItem } from '@isthmus/shared/store/items';

export type TokenRefusal = IwfErrorDetails['token.refused']['reason'];

/** Registration tokens of option 3, known by their SHA-256 alone (REG-3). */
export interface TokenStore {
  put(tokenSha256: string, token: TokenItem): Promise<void>;
  /** Exactly one of any number of redeemers wins. */
  redeem(tokenSha256: string, tenant: TenantId): Promise<Result<TokenItem, TokenRefusal>>;
}

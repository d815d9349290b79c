import { IwfError } from '@isthmus/shared/errors/iwf-error';
import type { ConnectionItem } from '@isthmus/shared/store/items';
import type { AnswerOf } from '@isthmus/shared/wire/answers';
import type { RequestOf } from '@isthmus/shared/wire/requests';
import type { KeyMint } from '../ports/key-mint.ts';
import type { TokenStore } from '../ports/token-store.ts';
import { type LoginLimits, proofIn, type VerifyUserDeps, verifyUser } from './verify-user.ts';

export interface IssueTokenDeps extends VerifyUserDeps {
  readonly tokens: TokenStore;
  readonly mint: KeyMint;
}

export interface IssueTokenOptions {
  readonly limits: LoginLimits;
  readonly tokenTtlS: number;
}

export type IssueToken = (
  connection: ConnectionItem,
  request: RequestOf<'token'>,
) => Promise<AnswerOf<'token'>>;

/** A spent or expired token is kept this long, so that its misuse is named in the log. */
const KEPT_AFTER_S = 3_600;

/** Option 3: trades the proof of who the user is for a single-use token (REG-3). */
export const createIssueToken =
  (deps: IssueTokenDeps, { limits, tokenTtlS }: IssueTokenOptions): IssueToken =>
  async (connection, request) => {
    const claim = { tenant: request.tenant, ...proofIn(request) };
    const { tenant, user } = await verifyUser(deps, limits, { connection, claim });
    // A user without IMS credentials in the vault could not register with the token.
    if (!tenant.options.includes('token') || !user.vault) {
      throw new IwfError('option.disabled', { option: 'token' });
    }
    const { key, sha256 } = deps.mint.mint();
    const issuedAtMs = deps.clock.nowMs();
    const expiresAtMs = issuedAtMs + tokenTtlS * 1000;
    await deps.tokens.put(sha256, {
      tenantId: tenant.tenantId,
      userName: user.userName,
      issuedAtMs,
      expiresAtMs,
      ttl: Math.ceil(expiresAtMs / 1000) + KEPT_AFTER_S,
    });
    return { token: key, expiresInS: tokenTtlS };
  };

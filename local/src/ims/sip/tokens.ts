import { randomBytes } from 'node:crypto';

export function randomToken(): string {
  return randomBytes(9).toString('hex');
}

/** The magic cookie tells an RFC 3261 branch (§8.1.1.7). */
export const BRANCH_COOKIE = 'z9hG4bK';

export function randomBranch(): string {
  return BRANCH_COOKIE + randomToken();
}

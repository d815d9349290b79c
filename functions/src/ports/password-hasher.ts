import type { Secret } from '@isthmus/shared/domain/secret';

export interface PasswordHasher {
  hash(password: Secret): Promise<string>;
  /** Constant in time for all hashes of the same cost. */
  verify(password: Secret, hash: string): Promise<boolean>;
  /** A hash that no password fits, as costly as a real one: verified for users who do not exist. */
  readonly dummyHash: string;
}

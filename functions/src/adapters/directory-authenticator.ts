import { err, ok } from '@isthmus/shared/result';
import type { Authenticator, PasswordProof } from '../ports/authenticator.ts';
import type { UserStore } from '../ports/directory.ts';
import type { PasswordHasher } from '../ports/password-hasher.ts';

export interface DirectoryAuthenticatorDeps {
  readonly users: UserStore;
  readonly hasher: PasswordHasher;
}

/** The built-in directory: whether a user exists makes no difference in time (SEC-1). */
export const createDirectoryAuthenticator = ({
  hasher,
  users,
}: DirectoryAuthenticatorDeps): Authenticator<PasswordProof> => ({
  async authenticate(tenant, { password, userName }) {
    const user = await users.get(tenant, userName);
    const fits = await hasher.verify(password, user?.passwordHash ?? hasher.dummyHash);
    return fits && user ? ok(user) : err('wrong-password');
  },
});

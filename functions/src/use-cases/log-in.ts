import { connectionId, tenantId } from '@isthmus/shared/domain/ids';
import type { Secret } from '@isthmus/shared/domain/secret';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import type { ConnectionItem } from '@isthmus/shared/store/items';
import type { AnswerOf } from '@isthmus/shared/wire/answers';
import type { RequestOf } from '@isthmus/shared/wire/requests';
import { impiOf, impuOf } from '../policy/impi-rule.ts';
import type { IdTokenProof, PasswordProof } from '../ports/authenticator.ts';
import type { ConnectionStore } from '../ports/connection-store.ts';
import type { Sealer } from '../ports/sealer.ts';
import {
  type LoginLimits,
  proofIn,
  type VerifiedUser,
  type VerifyUserDeps,
  verifyUser,
} from './verify-user.ts';

export interface LogInDeps extends VerifyUserDeps {
  readonly connections: ConnectionStore;
  readonly sealer: Sealer;
}

export type LogIn = (
  connection: ConnectionItem,
  request: RequestOf<'login'>,
) => Promise<AnswerOf<'login'>>;

/** Options 1 and 2: notes on the connection who has proven to be whom; `register` follows. */
export const createLogIn =
  (deps: LogInDeps, limits: LoginLimits): LogIn =>
  async (connection, request) => {
    const { option } = request;
    const proof = proofFor(request);
    const claim = { tenant: request.tenant, ...proof };
    const verified = await verifyUser(deps, limits, { connection, claim });
    if (!verified.tenant.options.includes(option)) {
      throw new IwfError('option.disabled', { option });
    }
    const login = { tenantId: verified.tenant.tenantId, userName: verified.user.userName, option };
    const sealed =
      option === 'same-credentials' && 'password' in proof
        ? { sealedPassword: await seal(deps.sealer, proof.password, verified) }
        : {};
    const id = connectionId(connection.connectionId);
    const isOpen = await deps.connections.logIn(id, { ...login, ...sealed });
    if (!isOpen) throw new IwfError('session.none', {});
    return {};
  };

/** With identical credentials the user is known by the public identity, however it was typed. */
function proofFor(request: RequestOf<'login'>): PasswordProof | IdTokenProof {
  const proof = proofIn(request);
  if (request.option !== 'same-credentials') return proof;
  // An ID token holds no IMS password that could be the same: nothing is judged, nothing spent.
  if ('idToken' in proof) throw new IwfError('option.disabled', { option: request.option });
  return { ...proof, userName: impuOf(proof.userName) ?? proof.userName };
}

async function seal(sealer: Sealer, password: Secret, { tenant, user }: VerifiedUser) {
  const identity = impuOf(user.userName);
  if (!identity) throw new IwfError('login.refused', { reason: 'not-an-identity' });
  const subject = impiOf(identity, tenant.impiRule);
  return sealer.seal(password, { tenant: tenantId(tenant.tenantId), purpose: 'ims', subject });
}

import { Secret } from '@isthmus/shared/domain/secret';
import { imsSecretOf } from '../../../../../media-node/src/app/registrations/ims-secret.ts';

describe('REG-6: what was sealed of a subscriber', () => {
  const secret = new Secret('x');

  it('is a password where nothing says otherwise', () => {
    expect(imsSecretOf(undefined, secret)).toEqual({ kind: 'password', password: secret });
    expect(imsSecretOf('password', secret)).toEqual({ kind: 'password', password: secret });
  });

  it('is what a card would hold where the item says so', () => {
    expect(imsSecretOf('aka', secret)).toEqual({ kind: 'aka', keys: secret });
  });
});

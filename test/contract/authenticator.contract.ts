import { type TenantId, tenantId } from '@isthmus/shared/domain/ids';
import type { Authenticator } from '../../functions/src/ports/authenticator.ts';

/** One authentication server with one user, `anna` of the tenant `acme`; `other` knows nobody. */
export interface AuthenticatorUnderTest<Proof> {
  readonly authenticator: Authenticator<Proof>;
  /** What anna herself would show, anew each time. */
  readonly good: () => Promise<Proof>;
  /** What somebody shows who is not known here, and whose proof is otherwise in order. */
  readonly stranger: () => Promise<Proof>;
  /** What somebody shows who would like to be anna. */
  readonly forged: () => Promise<Proof>;
}

/** What both ways of proving who a user is have in common, whatever they are made of. */
export function authenticatorContract<Proof>(current: () => AuthenticatorUnderTest<Proof>): void {
  const acme = tenantId('acme');
  const judge = async (tenant: TenantId, proof: Proof) => {
    const outcome = await current().authenticator.authenticate(tenant, proof);
    return outcome.ok ? outcome.value.userName : 'refused';
  };

  it('knows the user by a good proof, every time a new one is shown', async () => {
    expect(await judge(acme, await current().good())).toBe('anna');
    expect(await judge(acme, await current().good())).toBe('anna');
  });

  it('gives back the user of that very tenant, with all the directory says', async () => {
    const { authenticator, good } = current();

    expect(await authenticator.authenticate(acme, await good())).toMatchObject({
      ok: true,
      value: { tenantId: 'acme', userName: 'anna', vault: { impu: 'sip:anna@acme.example' } },
    });
  });

  it('refuses a forged proof and a stranger, and says why in one word', async () => {
    const { authenticator, forged, stranger } = current();

    for (const proof of [await forged(), await stranger()]) {
      const outcome = await authenticator.authenticate(acme, proof);
      expect(outcome).toEqual({ ok: false, error: expect.stringMatching(/^[a-z-]+$/) as string });
    }
  });

  it('takes the proof for no other tenant, known or not', async () => {
    for (const tenant of ['other', 'nowhere']) {
      expect(await judge(tenantId(tenant), await current().good())).toBe('refused');
    }
  });

  it('lets the user in after all attempts of others', async () => {
    const { forged, good } = current();
    for (let at = 0; at < 3; at += 1) await judge(acme, await forged());

    expect(await judge(acme, await good())).toBe('anna');
  });
}

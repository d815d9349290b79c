import { tenantId } from '@isthmus/shared/domain/ids';
import {
  aTenant,
  createMemoryFunctions,
  type MemoryFunctions,
} from '../../../support/memory-functions.ts';

describe('provisioning', () => {
  let functions: MemoryFunctions;
  const acme = tenantId('acme');

  beforeEach(async () => {
    functions = createMemoryFunctions();
    await functions.provisioning.putTenant(aTenant('acme', { impiRule: '{user}@private.example' }));
  });

  it('seals the credentials of a trunk, by the rule of the tenant unless told otherwise', async () => {
    const trunk = { tenantId: 'acme', impu: 'sip:pbx@acme.example', password: 'secret' };
    await functions.provisioning.putTrunk({ ...trunk, trunkId: 'a' });
    await functions.provisioning.putTrunk({ ...trunk, trunkId: 'b', impi: 'given@acme.example' });

    expect(await functions.stores.trunks.ofTenant(acme)).toMatchObject([
      { impi: 'pbx@private.example', sealedPassword: 'sealed(acme|ims|pbx@private.example|6)' },
      { impi: 'given@acme.example', sealedPassword: 'sealed(acme|ims|given@acme.example|6)' },
    ]);
  });

  it('seals the key of a client certificate for the tenant and its home domain', async () => {
    const sealed = await functions.provisioning.sealTlsKey(aTenant('acme'), 'ims.acme', 'a key');

    expect(sealed).toBe('sealed(acme|tls|ims.acme|5)');
  });

  it('keeps of a user a hash and, for option 3, a sealed vault', async () => {
    const user = { tenantId: 'acme', password: 'web-secret' };
    const vault = { impu: 'sip:fern@acme.example', password: 'ims-secret' };
    await functions.provisioning.putUser({ ...user, userName: 'anna' });
    await functions.provisioning.putUser({ ...user, userName: 'fern', vault });

    const anna = await functions.stores.users.get(acme, 'anna');
    const fern = await functions.stores.users.get(acme, 'fern');
    expect(anna).not.toHaveProperty('vault');
    expect(fern?.vault).toEqual({
      impu: 'sip:fern@acme.example',
      impi: 'fern@private.example',
      sealedPassword: 'sealed(acme|ims|fern@private.example|10)',
    });
    expect(JSON.stringify([anna, fern])).not.toContain('web-secret');
  });

  it('REG-2: refuses a rule by which nobody could register', async () => {
    const wrong = aTenant('acme', { impiRule: 'pbx@{domain}' });

    await expect(functions.provisioning.putTenant(wrong)).rejects.toThrow(
      'tenant acme: impiRule: {user} is missing',
    );
    expect((await functions.stores.tenants.get(acme))?.impiRule).toBe('{user}@private.example');
  });

  it.each(['pbx', 'tel:+4930123', 'sip:pbx@acme.example\r\nX: y', ''])(
    'REG-1: refuses a trunk whose identity is %j',
    async (impu) => {
      const trunk = { tenantId: 'acme', trunkId: 'a', impu, password: 'secret' };

      await expect(functions.provisioning.putTrunk(trunk)).rejects.toThrow('no public identity');
      expect(await functions.stores.trunks.ofTenant(acme)).toEqual([]);
    },
  );

  it('REG-6: seals what a card would hold, and says so of trunks and vaults', async () => {
    const aka = { k: '0'.repeat(32), opc: '1'.repeat(32) };
    const given = { tenantId: 'acme', impu: 'sip:sim@acme.example', aka };
    await functions.provisioning.putTrunk({ ...given, trunkId: 'a' });
    const vault = { impu: given.impu, aka };
    await functions.provisioning.putUser({ tenantId: 'acme', userName: 'fern', vault });

    // 65 characters: K, a colon and OPc.
    const sealed = {
      sealedPassword: 'sealed(acme|ims|sim@private.example|65)',
      secretKind: 'aka',
    };
    expect(await functions.stores.trunks.ofTenant(acme)).toMatchObject([sealed]);
    expect((await functions.stores.users.get(acme, 'fern'))?.vault).toMatchObject(sealed);
  });
});

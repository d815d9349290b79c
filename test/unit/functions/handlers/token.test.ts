import {
  type Answered,
  aTenant,
  aWorld,
  createMemoryFunctions,
  type MemoryFunctions,
  TOKEN_TTL_S,
} from '../../../support/memory-functions.ts';

let functions: MemoryFunctions;
let connection: string;

const askToken = (more: object = {}, on = connection): Promise<Answered> =>
  functions.send(on, {
    id: 't1',
    action: 'token',
    tenant: 'acme',
    userName: 'fern',
    password: 'acme-secret',
    ...more,
  });
const register = (token: unknown, more: object = {}, on = connection): Promise<Answered> =>
  functions.send(on, { id: 'g1', action: 'register', tenant: 'acme', token, ...more });

const fern = { tenantId: 'acme', userName: 'fern', password: 'acme-secret' };
const vault = { impu: 'sip:fern@acme.example', password: 'ims-secret' };

beforeEach(async () => {
  functions = createMemoryFunctions();
  await aWorld(functions);
  connection = await functions.connect('acme');
});

describe('REG-3: a token', () => {
  it('has 256 bits, says how long it lasts, and is stored as a hash only', async () => {
    const { ok } = await askToken();

    expect(ok?.['expiresInS']).toBe(TOKEN_TTL_S);
    const token = String(ok?.['token']);
    expect(Buffer.from(token, 'base64url')).toHaveLength(32);
    expect(functions.stores.tokens.dump()).not.toContain(token);
    expect(JSON.stringify(functions.log.lines)).not.toContain(token);
  });

  it('is another one each time', async () => {
    const first = await askToken();
    const second = await askToken({ id: 't2' });

    expect(first.ok?.['token']).not.toBe(second.ok?.['token']);
  });

  it('registers its user with the credentials of the vault, still sealed', async () => {
    const { ok } = await askToken();

    const registered = await register(ok?.['token']);

    expect(Object.keys(registered.ok ?? {}).sort()).toEqual([
      'iceServers',
      'resumeKey',
      'sessionId',
    ]);
    expect(registered.ok?.['iceServers']).toEqual([{ urls: 'stun:n1.internal' }]);
    expect(functions.control.of('register')).toEqual([
      expect.objectContaining({
        tenant: 'acme',
        userName: 'fern',
        option: 'token',
        connectionId: connection,
        subscriber: {
          kind: 'own',
          impu: 'sip:fern@acme.example',
          impi: 'fern@acme.example',
          sealedPassword: 'sealed(acme|ims|fern@acme.example|10)',
        },
      }),
    ]);
  });

  it('is good on another connection of the same tenant', async () => {
    const { ok } = await askToken();
    const elsewhere = await functions.connect('acme');

    expect((await register(ok?.['token'], {}, elsewhere)).ok).toBeDefined();
  });

  it.each([
    ['used', (token: string) => register(token, { id: 'g0' })],
    ['expired', () => functions.clock.pause(TOKEN_TTL_S * 1000)],
  ])('that is %s is refused alike, and the log says why', async (reason, spoil) => {
    const token = String((await askToken()).ok?.['token']);
    await spoil(token);

    expect((await register(token)).error).toEqual({
      code: 'token.refused',
      message: 'The token is not valid any more. Log in again.',
      retryable: false,
    });
    const warnings = functions.log.lines.filter(({ level }) => level === 'warn');
    expect(warnings).toMatchObject([{ message: 'token refused', facts: { reason } }]);
  });

  it.each([
    ['an operator revokes it', () => functions.provisioning.revokeTokens(fern)],
    ['its user gets a new password', () => functions.provisioning.putUser({ ...fern, vault })],
  ])('is refused once %s', async (_what, revoke) => {
    const token = String((await askToken()).ok?.['token']);
    functions.clock.advance(1_000);
    await revoke();

    expect((await register(token)).error?.code).toBe('token.refused');
    const next = await askToken({ id: 't2' });
    expect((await register(next.ok?.['token'], { id: 'g2' })).ok).toBeDefined();
  });

  it('that was never issued is refused', async () => {
    expect((await register('x'.repeat(43))).error?.code).toBe('token.refused');
  });

  it('of another tenant is refused, whatever tenant the message claims', async () => {
    const token = String((await askToken()).ok?.['token']);
    const foreign = await functions.connect('other');

    const claims = ['other', 'acme'];
    for (const [at, tenant] of claims.entries()) {
      const answer = await register(token, { id: `g${String(at)}`, tenant }, foreign);
      expect(answer.error?.code).toBe('token.refused');
    }
    expect(functions.control.sent).toEqual([]);
    expect((await register(token)).ok).toBeDefined();
  });

  it('lets exactly one of many connections register that present it at once', async () => {
    const token = String((await askToken()).ok?.['token']);
    const connections = await Promise.all(
      Array.from({ length: 10 }, () => functions.connect('acme')),
    );

    const answers = await Promise.all(connections.map((on) => register(token, {}, on)));

    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    expect(functions.control.of('register')).toHaveLength(1);
  });

  it('is not issued to a user without credentials in the vault, nor where the option is off', async () => {
    expect((await askToken({ userName: 'anna' })).error?.code).toBe('option.disabled');
    await functions.stores.tenants.put(aTenant('acme', { options: ['ip-pbx'] }));
    expect((await askToken({ id: 't2' })).error?.code).toBe('option.disabled');
  });

  it('is refused once its user has lost the credentials', async () => {
    const token = String((await askToken()).ok?.['token']);
    await functions.stores.users.put({ tenantId: 'acme', userName: 'fern', passwordHash: 'h' });

    expect((await register(token)).error?.code).toBe('token.refused');
  });

  it('is not issued for a wrong password, at the price of one verification', async () => {
    expect((await askToken({ password: 'wrong' })).error?.code).toBe('login.refused');
    expect((await askToken({ id: 't2', userName: 'nobody' })).error?.code).toBe('login.refused');
    expect(functions.hasher.verified).toBe(2);
  });
});

describe('REG-4: a token for an ID token', () => {
  const issuer = 'https://id.example';
  const askByIdToken = (subject: string, more: object = {}): Promise<Answered> =>
    functions.send(connection, {
      id: 't1',
      action: 'token',
      tenant: 'acme',
      idToken: JSON.stringify({ iss: issuer, sub: subject }),
      ...more,
    });

  beforeEach(async () => {
    const oidc = [
      {
        issuer,
        audience: 'phone',
        jwksUri: `${issuer}/keys`,
        algorithms: ['ES256' as const],
        clockToleranceS: 30,
      },
    ];
    await functions.stores.tenants.put(aTenant('acme', { oidc }));
    for (const [subject, userName] of [
      ['s1', 'fern'],
      ['s2', 'anna'],
    ] as const) {
      await functions.provisioning.bindIdentity({ tenantId: 'acme', issuer, subject, userName });
    }
  });

  it('registers its user with the credentials of the vault', async () => {
    const { ok } = await askByIdToken('s1');

    expect((await register(ok?.['token'])).ok).toBeDefined();
    expect(functions.control.of('register')).toMatchObject([
      { userName: 'fern', option: 'token', subscriber: { impu: 'sip:fern@acme.example' } },
    ]);
  });

  it('is revoked like any other', async () => {
    const token = (await askByIdToken('s1')).ok?.['token'];
    functions.clock.advance(1_000);
    await functions.provisioning.revokeTokens(fern);

    expect((await register(token)).error?.code).toBe('token.refused');
  });

  it('is issued to no user without credentials in the vault', async () => {
    expect((await askByIdToken('s2')).error?.code).toBe('option.disabled');
  });

  it('is not issued to who is not known', async () => {
    expect((await askByIdToken('s3')).error?.code).toBe('login.refused');
  });

  it('needs no password of the user, and none fits who has none', async () => {
    const gina = { tenantId: 'acme', userName: 'gina' };
    await functions.provisioning.putUser({ ...gina, vault });
    await functions.provisioning.bindIdentity({ ...gina, issuer, subject: 's4' });

    expect((await askByIdToken('s4')).ok).toBeDefined();
    for (const password of ['dummy', 'undefined', ' ']) {
      const answer = await askToken({ id: password, userName: 'gina', password });
      expect(answer.error?.code).toBe('login.refused');
    }
  });
});

describe('SES-8: a message that is delivered twice', () => {
  it('gets the same token, issued once, even when both are at work at the same time', async () => {
    const [first, second] = await Promise.all([askToken(), askToken()]);
    const third = await askToken();

    expect(second).toEqual(first);
    expect(third).toEqual(first);
    expect(functions.hasher.verified).toBe(1);
  });

  it('gets the same session, registered once', async () => {
    const token = String((await askToken()).ok?.['token']);

    const [first, second] = await Promise.all([register(token), register(token)]);

    expect(second).toEqual(first);
    expect(first.ok).toBeDefined();
    expect(functions.control.of('register')).toHaveLength(1);
  });

  it('gets the same refusal', async () => {
    const [first, second] = await Promise.all([register('nope'), register('nope')]);

    expect(first.error?.code).toBe('token.refused');
    expect(second).toEqual(first);
  });
});

import { connectionId, tenantId } from '@isthmus/shared/domain/ids';
import {
  aTenant,
  aWorld,
  createMemoryFunctions,
  LIMITS,
  type MemoryFunctions,
} from '../../../support/memory-functions.ts';

let functions: MemoryFunctions;
let connection: string;

const loginOn = async (id: string) =>
  (await functions.stores.connections.get(connectionId(id)))?.login;

beforeEach(async () => {
  functions = createMemoryFunctions();
  await aWorld(functions);
  connection = await functions.connect('acme');
});

describe('REG-4: a log-in with an ID token', () => {
  const issuer = 'https://id.example';
  const withToken = (token: object = {}, more: object = {}) => ({
    id: 'r1',
    action: 'login',
    tenant: 'acme',
    option: 'ip-pbx',
    idToken: JSON.stringify({ iss: issuer, sub: 's1', ...token }),
    ...more,
  });
  const codeOf = async (message: object, on = connection) =>
    (await functions.send(on, message)).error?.code;

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
    const identity = { tenantId: 'acme', issuer, subject: 's1', userName: 'anna' };
    await functions.provisioning.bindIdentity(identity);
  });

  it('notes on the connection who the subject is', async () => {
    expect(await functions.send(connection, withToken())).toEqual({ re: 'r1', ok: {} });

    const login = { tenantId: 'acme', userName: 'anna', option: 'ip-pbx' };
    expect(await loginOn(connection)).toEqual(login);
    expect(functions.hasher.verified).toBe(0);
  });

  it('serves no identical credentials, and is not even looked at for them', async () => {
    const message = withToken({}, { option: 'same-credentials' });

    expect(await codeOf(message)).toBe('option.disabled');
    expect(functions.verifier.verified).toBe(0);
  });

  it('is refused for an option the tenant has not switched on', async () => {
    const tenant = await functions.stores.tenants.get(tenantId('acme'));
    await functions.stores.tenants.put(aTenant('acme', { ...tenant, options: ['token'] }));

    expect(await codeOf(withToken())).toBe('option.disabled');
  });

  it.each([
    ['of an unknown subject', withToken({ sub: 's2' }), 'unmapped'],
    ['of an unknown issuer', withToken({ iss: 'https://evil.example' }), 'issuer'],
    ['for another tenant', withToken({}, { tenant: 'other' }), 'foreign-tenant'],
  ])(
    '%s is refused like a wrong password, and only our log says why',
    async (_what, it, reason) => {
      const answer = await functions.send(connection, it);

      expect(answer.error).toEqual({
        code: 'login.refused',
        message: 'User name or password is not right.',
        retryable: false,
      });
      expect(await loginOn(connection)).toBeUndefined();
      const lines = functions.log.lines.filter(({ message }) => message === 'request refused');
      expect(lines).toMatchObject([{ facts: { code: 'login.refused', details: { reason } } }]);
    },
  );

  it('shown a second time is refused; the repeated message is not', async () => {
    const once = withToken({ jti: 'j1' });
    const [first, repeated] = await Promise.all([
      functions.send(connection, once),
      functions.send(connection, once),
    ]);

    expect([first, repeated]).toEqual([
      { re: 'r1', ok: {} },
      { re: 'r1', ok: {} },
    ]);
    expect(await codeOf(withToken({ jti: 'j1' }, { id: 'r2' }))).toBe('login.refused');
  });

  it('says to try again while the issuer cannot be asked', async () => {
    functions.verifier.isDown = true;

    expect((await functions.send(connection, withToken())).error).toEqual({
      code: 'login.unavailable',
      message: 'Your sign-in service does not answer. Try again.',
      retryable: true,
    });
  });

  it('is throttled per address, before any token is looked at', async () => {
    const attempt = async (sub: string) =>
      codeOf(withToken({ sub }), await functions.connect('acme', '203.0.113.9'));

    for (let at = 0; at < LIMITS.perAddress; at += 1) {
      expect(await attempt('s2')).toBe('login.refused');
    }
    expect(await attempt('s1')).toBe('login.throttled');
    expect(functions.verifier.verified).toBe(LIMITS.perAddress);
  });

  it('that is good is not counted, however often', async () => {
    for (let at = 0; at <= LIMITS.perAddress; at += 1) {
      expect(await codeOf(withToken(), await functions.connect('acme'))).toBeUndefined();
    }
  });

  it.each([
    ['both', { userName: 'anna', password: 'acme-secret' }],
    ['half of each', { userName: 'anna' }],
    ['one that is too long', { idToken: 'x'.repeat(8 * 1024 + 1) }],
    ['an empty one', { idToken: '' }],
  ])('is malformed with %s', async (_what, more) => {
    expect(await codeOf(withToken({}, more))).toBe('wire.malformed');
    expect(functions.verifier.verified).toBe(0);
  });

  it('leaves no token in the log', async () => {
    await functions.send(connection, withToken({ sub: 'unmistakable' }));

    expect(JSON.stringify(functions.log.lines)).not.toContain('unmistakable');
  });
});

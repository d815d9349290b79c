import { connectionId } from '@isthmus/shared/domain/ids';
import {
  aTenant,
  aWorld,
  createMemoryFunctions,
  LIMITS,
  type MemoryFunctions,
} from '../../../support/memory-functions.ts';

const login = (more: object = {}) => ({
  id: 'r1',
  action: 'login',
  tenant: 'acme',
  option: 'ip-pbx',
  userName: 'anna',
  password: 'acme-secret',
  ...more,
});

let functions: MemoryFunctions;
let connection: string;

const loginOn = async (id: string) =>
  (await functions.stores.connections.get(connectionId(id)))?.login;

beforeEach(async () => {
  functions = createMemoryFunctions();
  await aWorld(functions);
  connection = await functions.connect('acme');
});

describe('REG-1 and REG-2: a log-in', () => {
  it('notes on the connection who the user of the trunk is', async () => {
    expect(await functions.send(connection, login())).toEqual({ re: 'r1', ok: {} });

    expect(await loginOn(connection)).toEqual({
      tenantId: 'acme',
      userName: 'anna',
      option: 'ip-pbx',
    });
  });

  it.each(['sip:dora@acme.example', 'dora@acme.example', ' SIP:dora@ACME.example '])(
    'with identical credentials takes %j for the public identity, and seals the password',
    async (userName) => {
      const message = login({ option: 'same-credentials', userName });

      expect(await functions.send(connection, message)).toEqual({ re: 'r1', ok: {} });

      expect(await loginOn(connection)).toEqual({
        tenantId: 'acme',
        userName: 'sip:dora@acme.example',
        option: 'same-credentials',
        sealedPassword: 'sealed(acme|ims|dora@acme.example|11)',
      });
    },
  );

  it('seals the password for the private identity of the rule of the tenant', async () => {
    await functions.stores.tenants.put(
      aTenant('acme', { impiRule: '{user}-{domain}@private.example' }),
    );

    await functions.send(
      connection,
      login({ option: 'same-credentials', userName: 'dora@acme.example' }),
    );

    expect((await loginOn(connection))?.sealedPassword).toContain(
      '|dora-acme.example@private.example|',
    );
  });

  it('is refused for an option the tenant has not switched on', async () => {
    await functions.stores.tenants.put(aTenant('acme', { options: ['token'] }));

    expect((await functions.send(connection, login())).error?.code).toBe('option.disabled');
  });

  it('is refused on a connection that is not known', async () => {
    expect((await functions.send('nowhere', login())).error?.code).toBe('session.none');
  });
});

describe('SEC-1: a log-in that fails', () => {
  it.each([
    ['a wrong password', login({ password: 'wrong' })],
    ['an unknown user', login({ userName: 'nobody' })],
    ['an unknown tenant', login({ tenant: 'nowhere' })],
    ['a user of another tenant', login({ tenant: 'other', password: 'other-secret' })],
    ['what is no public identity', login({ option: 'same-credentials', userName: 'dora' })],
    [
      'an unknown public identity',
      login({ option: 'same-credentials', userName: 'x@acme.example' }),
    ],
  ])('looks the same and costs as much for %s', async (_what, message) => {
    const answer = await functions.send(connection, message);

    expect(answer).toEqual({
      re: 'r1',
      error: {
        code: 'login.refused',
        message: 'User name or password is not right.',
        retryable: false,
      },
    });
    expect(functions.hasher.verified).toBe(1);
    expect(await loginOn(connection)).toBeUndefined();
  });

  it('is throttled per user, from whatever address, until the window is over', async () => {
    const attempt = async (at: number, password: string) => {
      const from = await functions.connect('acme', `192.0.2.${String(at)}`);
      return (await functions.send(from, login({ password }))).error?.code;
    };

    for (let at = 0; at < LIMITS.perUser; at += 1) {
      expect(await attempt(at, 'wrong')).toBe('login.refused');
    }
    expect(await attempt(100, 'acme-secret')).toBe('login.throttled');
    expect(functions.hasher.verified).toBe(LIMITS.perUser);

    functions.clock.advance(LIMITS.windowS * 1000);
    expect(await attempt(101, 'acme-secret')).toBeUndefined();
  });

  it('is throttled per address, whoever it is for, and no other address suffers', async () => {
    const attempt = async (at: number, sourceIp: string) => {
      const from = await functions.connect('acme', sourceIp);
      return (await functions.send(from, login({ userName: `user${String(at)}` }))).error?.code;
    };

    for (let at = 0; at < LIMITS.perAddress; at += 1) await attempt(at, '2001:db8:1:2::1');
    expect(await attempt(100, '2001:db8:1:2:ffff::9')).toBe('login.throttled');
    expect(await attempt(101, '2001:db8:1:3::1')).toBe('login.refused');
  });

  it('is not throttled for being right, however often', async () => {
    const attempt = async (password: string) => {
      const from = await functions.connect('acme');
      return (await functions.send(from, login({ password }))).error?.code;
    };

    for (let at = 0; at <= LIMITS.perUser; at += 1) {
      expect(await attempt('acme-secret')).toBeUndefined();
    }
    for (let at = 0; at < LIMITS.perUser; at += 1) {
      expect(await attempt('wrong')).toBe('login.refused');
    }
    expect(await attempt('acme-secret')).toBe('login.throttled');
  });

  it('counts one user under one name, with and without the scheme', async () => {
    const attempt = async (userName: string) => {
      const from = await functions.connect('acme');
      const message = login({ option: 'same-credentials', userName, password: 'wrong' });
      return (await functions.send(from, message)).error?.code;
    };

    for (let at = 0; at < LIMITS.perUser; at += 1) await attempt('dora@acme.example');
    expect(await attempt('sip:dora@ACME.EXAMPLE')).toBe('login.throttled');
  });

  it('cannot slip through by trying in parallel', async () => {
    const froms = await Promise.all(
      Array.from({ length: 12 }, (_, at) => functions.connect('acme', `198.51.100.${String(at)}`)),
    );

    const answers = await Promise.all(
      froms.map((from) => functions.send(from, login({ password: 'wrong' }))),
    );

    const codes = answers.map(({ error }) => error?.code);
    expect(codes.filter((code) => code === 'login.refused')).toHaveLength(LIMITS.perUser);
    expect(functions.hasher.verified).toBe(LIMITS.perUser);
  });
});

describe('SEC-2: the log of a log-in', () => {
  it('names tenant and connection on every line, and no password', async () => {
    await functions.send(connection, login({ password: 'hunter2-hunter2' }));
    await functions.send(connection, login({ id: 'r2' }));

    expect(functions.log.lines).not.toHaveLength(0);
    for (const { facts } of functions.log.lines) expect(facts).toHaveProperty('connectionId');
    const text = JSON.stringify(functions.log.lines);
    expect(text).not.toContain('hunter2');
    expect(text).not.toContain('acme-secret');
  });
});

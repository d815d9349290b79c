import { tenantId } from '@isthmus/shared/domain/ids';
import { DYNAMO_ENGINES } from '../support/dynamo-engines.ts';
import { type DynamoStores, startDynamoStores } from '../support/dynamo-stores.ts';
import {
  type Answered,
  aNode,
  aTenant,
  createFunctionsOn,
  type Functions,
  putTrunk,
} from '../support/memory-functions.ts';

const DAY_MS = 86_400_000;
const bindings = { idleReleaseS: 86_400, restS: 86_400, onIdentityLost: 'refuse' as const };

/** Everything from the messages of API Gateway down to the table; only the media nodes are played. */
describe.each(DYNAMO_ENGINES)('registering on %s', (_name, start) => {
  let world: DynamoStores;
  let functions: Functions;
  let tenant: string;
  let counter = 0;

  beforeAll(async () => {
    world = await startDynamoStores(start, 'registering');
    functions = createFunctionsOn(world);
    await functions.nodeWrites.announce(aNode('n1'));
  });
  afterAll(() => world.close());

  beforeEach(async () => {
    counter += 1;
    tenant = `acme-${String(counter)}`;
    await functions.provisioning.putTenant(aTenant(tenant, { bindings }));
  });

  const connect = (): Promise<string> => {
    counter += 1;
    const [high, low] = [Math.floor(counter / 250), counter % 250];
    return functions.connect(tenant, `198.51.${String(high)}.${String(low)}`);
  };
  const logIn = async (userName: string, option = 'ip-pbx'): Promise<string> => {
    const on = await connect();
    const message = { id: 'l1', action: 'login', tenant, option, userName, password: 'secret' };
    expect((await functions.send(on, message)).error).toBeUndefined();
    return on;
  };
  const register = (on: string, more: object = {}): Promise<Answered> =>
    functions.send(on, { id: 'g1', action: 'register', tenant, ...more });
  const logOut = (on: string): Promise<Answered> =>
    functions.send(on, { id: 'o1', action: 'logout' });
  const allAtOnce = async (users: readonly string[]): Promise<readonly Answered[]> => {
    const devices = await Promise.all(users.map((userName) => logIn(userName)));
    return Promise.all(devices.map((on) => register(on)));
  };
  const boundTo = (userName: string) =>
    functions.stores.bindings.ofUser(tenantId(tenant), userName);
  const boundAmong = async (users: readonly string[]) =>
    (await Promise.all(users.map(boundTo))).flatMap((binding) => binding ?? []);
  const lines = (count: number) =>
    putTrunk(functions, {
      tenant,
      identities: Array.from({ length: count }, (_, at) => `sip:line${String(at)}`),
    });
  const people = async (count: number, name = 'user'): Promise<readonly string[]> => {
    const names = Array.from({ length: count }, (_, at) => `${name}${String(at)}`);
    await Promise.all(
      names.map((userName) =>
        functions.provisioning.putUser({ tenantId: tenant, userName, password: 'secret' }),
      ),
    );
    return names;
  };
  const codesOf = (answers: readonly Answered[]) =>
    answers.map(({ error }) => error?.code ?? 'registered').sort();

  it('REG-1: of sixty users at once, two devices each, fifty get one line each', async () => {
    await lines(50);
    const users = await people(60);

    const answers = await allAtOnce([...users, ...users]);

    const refused = answers.flatMap(({ error }) => error ?? []);
    expect(refused).toHaveLength(20);
    for (const error of refused) {
      expect(error).toEqual({
        code: 'registration.no-identity-left',
        message: 'Every telephone identity is taken.',
        retryable: true,
      });
    }
    const bound = await boundAmong(users);
    expect(bound).toHaveLength(50);
    expect(new Set(bound.map(({ impu }) => impu)).size).toBe(50);
    // What the node was told is what is in the table, for both devices of a user.
    const told = functions.control.of('register').filter((command) => command.tenant === tenant);
    expect(told).toHaveLength(100);
    const byUser = new Map(bound.map(({ impu, userName }) => [userName, impu]));
    for (const { subscriber, userName } of told) expect(subscriber.impu).toBe(byUser.get(userName));
  });

  it('REG-1: gives what a user gave up to exactly one of all who wait, once it has rested', async () => {
    await lines(3);
    const holders = await people(3, 'first');
    const waiting = await people(6, 'second');
    await allAtOnce(holders);
    const given = (await boundTo('first0'))?.impu;
    const release = { tenantId: tenant, userName: 'first0' };

    expect(await functions.provisioning.releaseBinding(release)).toBe('in-use');
    const evenInUse = await functions.provisioning.releaseBinding({ ...release, evenInUse: true });
    expect(evenInUse).toBe('released');
    const none = Array.from({ length: 6 }, () => 'registration.no-identity-left');
    expect(codesOf(await allAtOnce(waiting))).toEqual(none);
    functions.clock.advance(DAY_MS - 1_000);
    expect(codesOf(await allAtOnce(waiting))).toEqual(none);
    functions.clock.advance(1_000);

    expect(codesOf(await allAtOnce(waiting))).toEqual(['registered', ...none].slice(0, 6).sort());
    expect((await boundAmong(waiting)).map(({ impu }) => impu)).toEqual([given]);
    expect(await boundTo('first0')).toBeUndefined();
  });

  it('REG-1: takes from who has not come for long what newcomers need, and no more', async () => {
    await lines(6);
    const former = await people(6, 'first');
    await allAtOnce(former);
    functions.clock.advance(2 * DAY_MS - 1_000);
    const newcomers = await people(3, 'second');
    expect(new Set(codesOf(await allAtOnce(newcomers)))).toEqual(
      new Set(['registration.no-identity-left']),
    );
    functions.clock.advance(1_000);

    expect(new Set(codesOf(await allAtOnce(newcomers)))).toEqual(new Set(['registered']));

    const all = await boundAmong([...former, ...newcomers]);
    expect(all).toHaveLength(6);
    expect(new Set(all.map(({ impu }) => impu)).size).toBe(6);
    expect(await boundAmong(newcomers)).toHaveLength(3);
  });

  it('REG-1: takes nothing from who comes back at the moment that somebody else needs it', async () => {
    await lines(1);
    const [anna = ''] = await people(1, 'anna');
    const others = await people(4, 'other');
    await allAtOnce([anna]);
    functions.clock.advance(3 * DAY_MS);

    const answers = await allAtOnce([anna, ...others]);

    const served = answers.filter(({ ok }) => ok);
    expect(served).toHaveLength(1);
    expect(await boundAmong([anna, ...others])).toHaveLength(1);
  });

  const withVault = async () => {
    const vault = { impu: `sip:fern@${tenant}.example`, password: 'ims-secret' };
    const user = { tenantId: tenant, userName: 'fern', password: 'secret', vault };
    await functions.provisioning.putUser(user);
  };
  const fetchToken = async (): Promise<{ on: string; token: string }> => {
    const on = await connect();
    const message = { id: 't1', action: 'token', tenant, userName: 'fern', password: 'secret' };
    const { ok } = await functions.send(on, message);
    return { on, token: String(ok?.['token']) };
  };

  it('REG-3: lets one of twenty connections register that present one token at once', async () => {
    await withVault();
    const { token } = await fetchToken();
    const all = await Promise.all(Array.from({ length: 20 }, connect));
    const before = functions.metrics.counted.filter((name) => name === 'tokens_refused').length;

    const answers = await Promise.all(all.map((on) => register(on, { token })));

    expect(codesOf(answers)).toEqual([
      'registered',
      ...Array.from({ length: 19 }, () => 'token.refused'),
    ]);
    const counted = functions.metrics.counted.filter((name) => name === 'tokens_refused');
    expect(counted).toHaveLength(before + 19);
  });

  it('REG-3: takes no token that its user had fetched before logging out', async () => {
    await withVault();
    const first = await fetchToken();
    const second = await fetchToken();
    await register(first.on, { token: first.token });
    functions.clock.advance(1);
    expect((await logOut(first.on)).ok).toEqual({});

    expect((await register(second.on, { token: second.token })).error?.code).toBe('token.refused');
    functions.clock.advance(1);
    const third = await fetchToken();
    expect((await register(third.on, { token: third.token })).ok).toBeDefined();
  });

  it('REG-3: keeps no token in clear', async () => {
    await withVault();
    const { on, token } = await fetchToken();
    expect(Buffer.from(token, 'base64url').length * 8).toBeGreaterThanOrEqual(256);
    expect(await world.everything()).not.toContain(token);
    await register(on, { token });
    expect(await world.everything()).not.toContain(token);
  });

  it('REG-2: leaves nothing of an access password in the table after the log-out', async () => {
    const userName = `sip:dora@${tenant}.example`;
    await functions.provisioning.putUser({ tenantId: tenant, userName, password: 'secret' });
    const on = await logIn(userName, 'same-credentials');
    const sealed = `sealed(${tenant}|ims|dora@${tenant}.example|`;
    expect(await world.everything()).toContain(sealed);
    expect((await register(on)).ok).toBeDefined();

    await logOut(on);

    const left = await world.everything();
    expect(left).not.toContain(sealed);
    expect(left).toContain(userName);
  });
});

import { connectionId, sessionId } from '@isthmus/shared/domain/ids';
import {
  aNode,
  aWorld,
  createMemoryFunctions,
  type MemoryFunctions,
} from '../../../support/memory-functions.ts';

let functions: MemoryFunctions;

beforeEach(async () => {
  functions = createMemoryFunctions();
  await aWorld(functions);
});

const stored = (on: string) => functions.stores.connections.get(connectionId(on));

describe('SEC-1: a connection', () => {
  it('is stored with the tenant it was let in for and the address it came from', async () => {
    const on = await functions.connect('acme', '198.51.100.4');

    expect(await stored(on)).toMatchObject({ tenantId: 'acme', sourceIp: '198.51.100.4' });
  });

  it('outlives the two hours of a WebSocket, and not much more', async () => {
    const on = await functions.connect('acme');

    functions.clock.advance(2 * 3_600_000);
    expect(await stored(on)).toBeDefined();
    functions.clock.advance(3_600_000);
    expect(await stored(on)).toBeUndefined();
  });

  it.each([
    ['that no authorizer has let in', { identity: { sourceIp: '192.0.2.1' } }],
    ['from nowhere', { authorizer: { tenant: 'acme' } }],
  ])('%s is refused', async (_what, more) => {
    const requestContext = { routeKey: '$connect', connectionId: 'c9=', ...more };

    expect(await functions.handlers.connection({ requestContext })).toEqual({ statusCode: 403 });
    expect(await stored('c9=')).toBeUndefined();
  });

  it('event that cannot be read fails without being thrown at the gateway', async () => {
    expect(await functions.handlers.connection({})).toEqual({ statusCode: 500 });
  });
});

describe('REG-10: a connection that closes', () => {
  const registered = async () => {
    const on = await functions.connect('acme');
    const user = { tenant: 'acme', option: 'ip-pbx', userName: 'anna', password: 'acme-secret' };
    await functions.send(on, { id: 'l1', action: 'login', ...user });
    const { ok } = await functions.send(on, { id: 'g1', action: 'register', tenant: 'acme' });
    return { on, session: String(ok?.['sessionId']) };
  };

  it('leaves its session alive, in its grace time at the node', async () => {
    const { on, session } = await registered();

    await functions.disconnect(on);

    expect(await stored(on)).toBeUndefined();
    expect(functions.control.of('detach')).toMatchObject([
      { sessionId: session, connectionId: on, tenant: 'acme' },
    ]);
    const left = await functions.stores.sessions.get(sessionId(session));
    expect(left).toMatchObject({ state: 'live' });
    expect(left).not.toHaveProperty('connectionId');
  });

  it('twice, or without a session, is told to no node', async () => {
    const { on } = await registered();
    await functions.disconnect(on);
    await functions.disconnect(on);
    await functions.disconnect(await functions.connect('acme'));

    expect(functions.control.of('detach')).toHaveLength(1);
  });

  it('is gone even where the node cannot be told', async () => {
    const { on, session } = await registered();
    await functions.nodeWrites.announce(aNode('n1', { leaseUntilMs: 0 }));

    await functions.disconnect(on);

    expect(await stored(on)).toBeUndefined();
    expect(await functions.stores.sessions.get(sessionId(session))).not.toHaveProperty(
      'connectionId',
    );
  });
});

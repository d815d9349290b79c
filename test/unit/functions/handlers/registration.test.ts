import { connectionId, sessionId, tenantId } from '@isthmus/shared/domain/ids';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import {
  type Answered,
  aNode,
  answered,
  aTenant,
  aWorld,
  createMemoryFunctions,
  type MemoryFunctions,
  putTrunk,
  refused,
} from '../../../support/memory-functions.ts';

let functions: MemoryFunctions;

beforeEach(async () => {
  functions = createMemoryFunctions();
  await aWorld(functions);
});

const logIn = async (userName: string, option = 'ip-pbx', tenant = 'acme', from?: string) => {
  const on = await functions.connect(tenant, from);
  const password = `${tenant}-secret`;
  const message = { id: 'l1', action: 'login', tenant, option, userName, password };
  expect((await functions.send(on, message)).error).toBeUndefined();
  return on;
};
const register = (on: string, id = 'g1', tenant = 'acme'): Promise<Answered> =>
  functions.send(on, { id, action: 'register', tenant });
const registered = async (userName: string, option = 'ip-pbx', tenant = 'acme') => {
  const on = await logIn(userName, option, tenant);
  const { ok } = await register(on, 'g1', tenant);
  return { on, session: String(ok?.['sessionId']), resumeKey: String(ok?.['resumeKey']) };
};
const boundTo = (userName: string, tenant = 'acme') =>
  functions.stores.bindings.ofUser(tenantId(tenant), userName);
const sessionOf = (session: string) => functions.stores.sessions.get(sessionId(session));

describe('OPS-3: a quota of users', () => {
  const quota = (usersPerMonth: number) =>
    functions.provisioning.putTenant(aTenant('acme', { accounting: { quota: { usersPerMonth } } }));
  const refusals = ({ error }: Answered) => error?.code;

  it('keeps out who comes when it is used up, before an identity is bound', async () => {
    await quota(1);
    await registered('anna');
    const bert = await register(await logIn('bert'));

    expect(bert.error).toMatchObject({ code: 'registration.quota-used-up', retryable: false });
    expect(await boundTo('bert')).toBeUndefined();
    expect(functions.control.of('register')).toHaveLength(1);
  });

  it('lets in again who is counted already, by every option he was counted under', async () => {
    await quota(1);
    const first = await registered('anna');
    await functions.send(first.on, { id: 'o1', action: 'logout' });

    expect(refusals(await register(await logIn('anna')))).toBeUndefined();
    const dora = await logIn('sip:dora@acme.example', 'same-credentials');
    expect(refusals(await register(dora))).toBe('registration.quota-used-up');
  });

  it('is its tenant’s alone', async () => {
    await quota(0);

    expect(refusals(await register(await logIn('anna')))).toBe('registration.quota-used-up');
    expect((await registered('anna', 'ip-pbx', 'other')).session).not.toBe('undefined');
  });

  it('keeps nobody out where it cannot be asked', async () => {
    await quota(0);
    const failure = new IwfError('store.failed', { operation: 'update' });
    functions.stores.userQuota.admit = () => Promise.reject(failure);

    expect(refusals(await register(await logIn('anna')))).toBeUndefined();
    expect(functions.log.lines.map(({ message }) => message)).toContain(
      'user quota could not be asked',
    );
  });
});

describe('REG-1: registering as a user of the trunk', () => {
  it('binds an identity of the implicit set and takes it to the node of the trunk', async () => {
    const { on, session } = await registered('anna');

    const binding = await boundTo('anna');
    expect(['sip:a@acme.example', 'sip:b@acme.example']).toContain(binding?.impu);
    expect(functions.control.sent).toEqual([
      {
        node: 'n1',
        command: {
          kind: 'register',
          commandId: `${session}:g1`,
          tenant: 'acme',
          sessionId: session,
          connectionId: on,
          userName: 'anna',
          option: 'ip-pbx',
          subscriber: { kind: 'bound', impu: binding?.impu, trunkId: 'main' },
        },
      },
    ]);
  });

  it('gives the user the same identity again, on every device and after a log-out', async () => {
    const first = await registered('anna');
    const binding = await boundTo('anna');
    await registered('anna');
    await functions.send(first.on, { id: 'o1', action: 'logout' });
    await registered('anna');

    const impus = functions.control.of('register').map(({ subscriber }) => subscriber.impu);
    expect(impus).toEqual([binding?.impu, binding?.impu, binding?.impu]);
  });

  it('of fifty users at once over forty identities serves forty, each with its own', async () => {
    const identities = Array.from({ length: 40 }, (_, at) => `sip:line${String(at)}`);
    await putTrunk(functions, { tenant: 'acme', identities });
    const users = Array.from({ length: 50 }, (_, at) => `user${String(at)}`);
    for (const userName of users) {
      const user = { tenantId: 'acme', userName, password: 'acme-secret' };
      await functions.provisioning.putUser(user);
    }
    const connections = await Promise.all(
      users.map((user, at) => logIn(user, 'ip-pbx', 'acme', `198.51.100.${String(at)}`)),
    );

    const answers = await Promise.all(connections.map((on) => register(on)));

    expect(answers.filter(({ ok }) => ok)).toHaveLength(40);
    expect(answers.flatMap(({ error }) => error?.code ?? [])).toEqual(
      Array.from({ length: 10 }, () => 'registration.no-identity-left'),
    );
    const bound = (await Promise.all(users.map((user) => boundTo(user)))).flatMap(
      (binding) => binding?.impu ?? [],
    );
    expect(bound).toHaveLength(40);
    expect(new Set(bound).size).toBe(40);
  });

  it('gives one identity to a user who registers on many devices at once', async () => {
    const devices = await Promise.all(Array.from({ length: 5 }, () => logIn('anna')));

    await Promise.all(devices.map((on) => register(on)));

    const impus = functions.control.of('register').map(({ subscriber }) => subscriber.impu);
    expect(impus).toHaveLength(5);
    expect(new Set(impus).size).toBe(1);
  });

  it('takes another trunk when the first has no identity left', async () => {
    await putTrunk(functions, { tenant: 'acme', identities: [] });
    await functions.nodeWrites.announce(aNode('n2'));
    await putTrunk(functions, {
      tenant: 'acme',
      trunkId: 'second',
      owner: 'n2',
      identities: ['sip:x'],
    });

    await registered('anna');

    expect(await boundTo('anna')).toMatchObject({ trunkId: 'second', impu: 'sip:x@acme.example' });
    expect(functions.control.sent.map(({ node }) => node)).toEqual(['n2']);
  });

  it('is refused, and may be retried, while the trunk is down', async () => {
    await putTrunk(functions, { tenant: 'acme', identities: ['sip:a'], state: 'down' });
    const on = await logIn('anna');

    expect((await register(on)).error).toMatchObject({
      code: 'registration.trunk-down',
      retryable: true,
    });

    await putTrunk(functions, { tenant: 'acme', identities: ['sip:a'] });
    expect((await register(on, 'g2')).ok).toBeDefined();
  });

  it('is refused while the node that had the trunk is gone', async () => {
    await putTrunk(functions, { tenant: 'acme', identities: ['sip:a'], owner: 'dead' });

    const answer = await register(await logIn('anna'));

    expect(answer.error?.code).toBe('registration.trunk-down');
  });

  it('is refused when the network no longer grants the identity of the binding', async () => {
    await registered('anna');
    await putTrunk(functions, { tenant: 'acme', identities: ['sip:c'] });

    const answer = await register(await logIn('anna'));

    expect(answer.error).toMatchObject({
      code: 'registration.identity-barred',
      message: 'The telephone network does not grant your identity now.',
      retryable: true,
    });
    expect((await boundTo('anna'))?.impu).toMatch(/^sip:[ab]@/);
  });

  it('gives another identity for one the network took, where the tenant says so', async () => {
    const bindings = { restS: 60, onIdentityLost: 'reallocate' as const };
    await functions.provisioning.putTenant(aTenant('acme', { bindings }));
    await registered('anna');
    await putTrunk(functions, { tenant: 'acme', identities: ['sip:c'] });
    const devices = await Promise.all([logIn('anna'), logIn('anna'), logIn('anna')]);

    const answers = await Promise.all(devices.map((on) => register(on)));

    expect(answers.every(({ ok }) => ok)).toBe(true);
    expect((await boundTo('anna'))?.impu).toBe('sip:c@acme.example');
    const [, ...later] = functions.control.of('register').map(({ subscriber }) => subscriber.impu);
    expect(new Set(later)).toEqual(new Set(['sip:c@acme.example']));
  });

  it('keeps the identity of a trunk that is down, whatever the tenant says of lost ones', async () => {
    const bindings = { restS: 60, onIdentityLost: 'reallocate' as const };
    await functions.provisioning.putTenant(aTenant('acme', { bindings }));
    await registered('anna');
    const before = await boundTo('anna');
    await putTrunk(functions, { tenant: 'acme', identities: ['sip:c'], state: 'down' });

    const answer = await register(await logIn('anna'));

    expect(answer.error?.code).toBe('registration.trunk-down');
    expect((await boundTo('anna'))?.impu).toBe(before?.impu);
  });

  it('gives back what an operator released to who had it, before it has rested', async () => {
    const { on } = await registered('anna');
    const before = await boundTo('anna');
    const anna = { tenantId: 'acme', userName: 'anna' };
    expect(await functions.provisioning.releaseBinding(anna)).toBe('in-use');
    await functions.send(on, { id: 'o1', action: 'logout' });
    expect(await functions.provisioning.releaseBinding(anna)).toBe('released');
    expect(await functions.provisioning.releaseBinding(anna)).toBe('none');

    await registered('anna');

    expect((await boundTo('anna'))?.impu).toBe(before?.impu);
  });

  it('ends what a user has whose identity an operator takes', async () => {
    const { on, session } = await registered('anna');
    const release = { tenantId: 'acme', userName: 'anna', evenInUse: true };

    expect(await functions.provisioning.releaseBinding(release)).toBe('released');

    expect(await sessionOf(session)).toMatchObject({ state: 'ended' });
    const hangUp = { id: 'x', action: 'call.hang-up', callId: 'call-0001', seq: 1 };
    expect((await functions.send(on, hangUp)).error?.code).toBe('session.ended');
  });

  it('notes when its user came, so that nobody takes the identity for idle', async () => {
    await registered('anna');
    functions.clock.advance(5_000);
    await registered('anna');

    expect((await boundTo('anna'))?.usedAtMs).toBe(functions.clock.nowMs());
  });
});

describe('REG-2: registering with identical credentials', () => {
  it('hands the sealed password to the node, and keeps it no longer than that', async () => {
    const { on } = await registered('dora@acme.example', 'same-credentials');

    expect(functions.control.of('register')[0]?.subscriber).toEqual({
      kind: 'own',
      impu: 'sip:dora@acme.example',
      impi: 'dora@acme.example',
      sealedPassword: 'sealed(acme|ims|dora@acme.example|11)',
    });
    const connection = await functions.stores.connections.get(connectionId(on));
    expect(connection?.login).toBeUndefined();
  });

  it('is refused without a log-in, and with one of another tenant', async () => {
    const nobody = await functions.connect('acme');
    expect((await register(nobody)).error?.code).toBe('session.none');

    const foreign = await logIn('dora@acme.example', 'same-credentials');
    expect((await register(foreign, 'g1', 'other')).error?.code).toBe('session.none');
  });
});

describe('OPS-4: placing a registration', () => {
  const own = () => logIn('dora@acme.example', 'same-credentials');

  it('takes the least used node, and a second device follows the first', async () => {
    await functions.nodeWrites.announce(aNode('n1', { used: 5 }));
    await functions.nodeWrites.announce(aNode('n2', { used: 1 }));
    await register(await own());
    await functions.nodeWrites.announce(aNode('n2', { used: 9 }));
    await register(await own());

    expect(functions.control.sent.map(({ node }) => node)).toEqual(['n2', 'n2']);
  });

  it('REG-11: tells the node what the user calls the device, and keeps it for a take-over', async () => {
    await functions.nodeWrites.announce(aNode('n1', {}));

    const request = { id: 'g1', action: 'register', tenant: 'acme', device: 'Desk' };
    const { ok } = await functions.send(await own(), request);

    expect(functions.control.sent.map(({ command }) => command)).toMatchObject([
      { kind: 'register', device: 'Desk' },
    ]);
    await expect(sessionOf(String(ok?.['sessionId']))).resolves.toMatchObject({ device: 'Desk' });
  });

  it('forgets the node of the other device when its lease has lapsed', async () => {
    await register(await own());
    await functions.nodeWrites.announce(aNode('n1', { leaseUntilMs: 0 }));
    await functions.nodeWrites.announce(aNode('n2'));
    await register(await own());

    expect(functions.control.sent.map(({ node }) => node)).toEqual(['n1', 'n2']);
  });

  it.each([
    ['does not answer at all', () => ({ kind: 'unreached', reason: 'refused' }) as const],
    ['is draining', () => refused('node.draining')],
    ['is full', () => refused('node.at-capacity')],
  ])('asks the next node when the first %s', async (_what, respond) => {
    await functions.nodeWrites.announce(aNode('n2', { used: 3 }));
    functions.control.respond = (node) => (node === 'n1' ? respond() : undefined);

    const { ok } = await register(await own());

    expect(functions.control.sent.map(({ node }) => node)).toEqual(['n1', 'n2']);
    expect(await sessionOf(String(ok?.['sessionId']))).toMatchObject({ nodeId: 'n2' });
    const dora = await functions.stores.sessions.liveOf(tenantId('acme'), 'sip:dora@acme.example');
    expect(dora).toHaveLength(1);
  });

  it('repeats to the same node what it may have taken on, and asks no other', async () => {
    await functions.nodeWrites.announce(aNode('n2', { used: 3 }));
    let tries = 0;
    functions.control.respond = (_, { kind }) => {
      if (kind === 'register') tries += 1;
      return tries === 1 ? { kind: 'unknown', reason: 'timeout' } : undefined;
    };

    const { ok } = await register(await own());

    expect(ok).toBeDefined();
    const [first, second] = functions.control.sent;
    expect(second).toEqual(first);
    expect(functions.control.sent).toHaveLength(2);
  });

  it('calls the session off where the node stays silent, and says that a retry may help', async () => {
    await functions.nodeWrites.announce(aNode('n2', { used: 3 }));
    functions.control.respond = () => ({ kind: 'unknown', reason: 'timeout' });

    const answer = await register(await own());

    expect(answer.error).toMatchObject({ code: 'node.unavailable', retryable: true });
    expect(functions.control.sent.map(({ command, node }) => [node, command.kind])).toEqual([
      ['n1', 'register'],
      ['n1', 'register'],
      ['n1', 'unregister'],
    ]);
  });

  it('lets the user try again on the same connection when no node could take it', async () => {
    functions.control.respond = () => ({ kind: 'unreached', reason: 'refused' });
    const on = await own();
    expect((await register(on)).error?.code).toBe('node.unavailable');

    functions.control.respond = () => undefined;
    expect((await register(on, 'g2')).ok).toBeDefined();
  });

  it('refuses when every node is full, and when there is none', async () => {
    await functions.nodeWrites.announce(aNode('n1', { used: 10, capacity: 10 }));
    expect((await register(await own())).error?.code).toBe('node.at-capacity');

    await functions.nodeWrites.announce(aNode('n1', { leaseUntilMs: 0 }));
    expect((await register(await own())).error?.code).toBe('node.unavailable');
  });

  it('passes on what the node refuses', async () => {
    functions.control.respond = () => refused('registration.trunk-down');

    expect((await register(await logIn('anna'))).error?.code).toBe('registration.trunk-down');
  });

  it('starts the grace time when the WebSocket closes while the node is asked', async () => {
    const on = await logIn('anna');
    functions.control.respond = (_, command) => {
      if (command.kind === 'register') void functions.disconnect(on);
      return undefined;
    };

    expect((await register(on)).error?.code).toBe('session.none');

    const [detach] = functions.control.of('detach');
    expect(detach).toMatchObject({ connectionId: on });
    expect(await sessionOf(String(detach?.sessionId))).not.toHaveProperty('connectionId');
  });
});

describe('a session', () => {
  it('is stored with a hash of its resume key', async () => {
    const { on, resumeKey, session } = await registered('anna');

    expect(Buffer.from(resumeKey, 'base64url')).toHaveLength(32);
    const stored = await sessionOf(session);
    expect(stored).toMatchObject({ tenantId: 'acme', state: 'live', connectionId: on });
    expect(JSON.stringify(stored)).not.toContain(resumeKey);
  });

  it('ends when another is registered on the same connection', async () => {
    const first = await registered('anna');
    const message = { id: 'l2', action: 'login', tenant: 'acme', option: 'ip-pbx' };
    await functions.send(first.on, { ...message, userName: 'bert', password: 'acme-secret' });
    await register(first.on, 'g2');

    expect(await sessionOf(first.session)).toMatchObject({ state: 'ended' });
    expect(functions.control.of('unregister')).toMatchObject([{ sessionId: first.session }]);
  });
});

describe('SES-8: a session that is resumed', () => {
  const resume = (on: string, more: object): Promise<Answered> =>
    functions.send(on, { id: 'u1', action: 'resume', lastSeq: 0, ...more });

  it('MED-5: gets new credentials of TURN from its node', async () => {
    const { on, session, resumeKey } = await registered('anna');
    const iceServers = [{ urls: 'turn:turn.example', username: '2', credential: 'new' }];
    functions.control.respond = () => answered({ iceServers });

    const { ok } = await resume(on, { sessionId: session, resumeKey });

    expect(ok).toEqual({ events: [], iceServers });
  });
  const event = (seq: number) => ({ event: 'call.answered', seq, callId: 'call-0001' });

  it('moves to the new connection and replays what was missed', async () => {
    const { session, resumeKey } = await registered('anna');
    for (const seq of [1, 2, 3]) {
      const json = JSON.stringify(event(seq));
      const stored = { tenantId: 'acme', seq, json, ttl: 5_000_000_000 };
      await functions.nodeWrites.appendEvent(session, stored);
    }
    const on = await functions.connect('acme');

    const answer = await resume(on, { sessionId: session, resumeKey, lastSeq: 1 });

    expect(answer.ok).toEqual({ events: [event(2), event(3)] });
    expect(functions.control.of('attach')).toMatchObject([
      { sessionId: session, connectionId: on, tenant: 'acme' },
    ]);
    expect(await sessionOf(session)).toMatchObject({ connectionId: on });
  });

  it('is out of reach for the connection it was on before', async () => {
    const { on: before, session, resumeKey } = await registered('anna');
    const on = await functions.connect('acme');
    await resume(on, { sessionId: session, resumeKey });

    const hangUp = { id: 'x', action: 'call.hang-up', callId: 'call-0001', seq: 1 };
    expect((await functions.send(before, hangUp)).error?.code).toBe('session.foreign');
    await functions.disconnect(before);
    expect(functions.control.of('detach')).toEqual([]);
    expect(await sessionOf(session)).toMatchObject({ state: 'live', connectionId: on });
  });

  it('fetches a gap on the connection it is on', async () => {
    const { on, session, resumeKey } = await registered('anna');

    expect((await resume(on, { sessionId: session, resumeKey })).ok).toEqual({ events: [] });
    expect((await resume(on, { sessionId: session, resumeKey })).ok).toEqual({ events: [] });
  });

  it('is as good as absent for a wrong key, another tenant and a wrong id', async () => {
    const { session, resumeKey } = await registered('anna');
    const own = await functions.connect('acme');
    const foreign = await functions.connect('other');

    const answers = [
      await resume(own, { sessionId: session, resumeKey: 'x'.repeat(43) }),
      await resume(foreign, { sessionId: session, resumeKey }),
      await resume(own, { sessionId: 'no-such-session', resumeKey }),
    ];

    expect(answers.map(({ error }) => error?.code)).toEqual([
      'session.foreign',
      'session.foreign',
      'session.foreign',
    ]);
    expect(functions.control.of('attach')).toEqual([]);
  });

  it('has ended once the node says so, for the node is who knows', async () => {
    const { session, resumeKey } = await registered('anna');
    functions.control.respond = () => refused('session.ended');
    const on = await functions.connect('acme');

    expect((await resume(on, { sessionId: session, resumeKey })).error?.code).toBe('session.ended');
    functions.control.respond = () => undefined;
    expect((await resume(on, { sessionId: session, resumeKey })).error?.code).toBe('session.ended');
    expect(functions.control.of('attach')).toHaveLength(1);
  });

  it('may be tried again when the node does not answer', async () => {
    const { session, resumeKey } = await registered('anna');
    await functions.nodeWrites.announce(aNode('n1', { leaseUntilMs: 0 }));
    const on = await functions.connect('acme');

    const { error } = await resume(on, { sessionId: session, resumeKey });

    expect(error).toMatchObject({ code: 'node.unavailable', retryable: true });
  });
});

describe('REG-10: a log-out', () => {
  const logOut = (on: string): Promise<Answered> =>
    functions.send(on, { id: 'o1', action: 'logout' });

  it('ends the session at the node and in the store, and a repeated one is answered alike', async () => {
    const { on, session } = await registered('anna');

    expect(await logOut(on)).toEqual({ re: 'o1', ok: {} });
    expect(await logOut(on)).toEqual({ re: 'o1', ok: {} });

    expect(functions.control.of('unregister')).toMatchObject([
      { sessionId: session, tenant: 'acme' },
    ]);
    expect(await sessionOf(session)).toMatchObject({ state: 'ended' });
    const hangUp = { id: 'x', action: 'call.hang-up', callId: 'call-0001', seq: 1 };
    expect((await functions.send(on, hangUp)).error?.code).toBe('session.none');
  });

  it('succeeds where the node is gone, with all its registrations', async () => {
    const { on, session } = await registered('anna');
    await functions.nodeWrites.announce(aNode('n1', { leaseUntilMs: 0 }));

    expect((await logOut(on)).ok).toEqual({});
    expect(await sessionOf(session)).toMatchObject({ state: 'ended' });
  });

  it('before registering forgets who had logged in', async () => {
    const on = await logIn('anna');

    expect((await logOut(on)).ok).toEqual({});
    expect((await register(on)).error?.code).toBe('session.none');
  });

  it('of nobody is refused', async () => {
    expect((await logOut(await functions.connect('acme'))).error?.code).toBe('session.none');
  });
});

describe('SEC-1: two tenants', () => {
  it('with users of the same name have bindings, sessions and nodes of their own', async () => {
    const ours = await registered('anna');
    const theirs = await registered('anna', 'ip-pbx', 'other');

    expect((await boundTo('anna', 'acme'))?.impu).toContain('@acme.example');
    expect((await boundTo('anna', 'other'))?.impu).toContain('@other.example');
    expect(functions.control.of('register').map(({ tenant }) => tenant)).toEqual(['acme', 'other']);
    expect(await sessionOf(ours.session)).toMatchObject({ tenantId: 'acme' });
    expect(await sessionOf(theirs.session)).toMatchObject({ tenantId: 'other' });
  });
});

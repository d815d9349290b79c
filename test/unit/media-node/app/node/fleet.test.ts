import { callId, nodeId, tenantId } from '@isthmus/shared/domain/ids';
import { LEASE_MS } from '../../../../../media-node/src/app/node/lease.ts';
import { shardsFirst } from '../../../../../media-node/src/app/node/shards.ts';
import { anInvite } from '../../../../support/fake-sip-account.ts';
import { type FleetMember, NodeFleet } from '../../../../support/node-fleet.ts';

let fleet: NodeFleet;
let a: FleetMember;
let b: FleetMember;

beforeEach(async () => {
  fleet = new NodeFleet();
  a = await fleet.start('node-a');
  b = await fleet.start('node-b');
});

/** The node is gone without a word: it renews nothing, and what it had stays as it is. */
const kill = (member: FleetMember): void => {
  member.reach.isThere = false;
};
const detach = (device: string) =>
  fleet.shared.stores.sessions.detach(device as never, `connection of ${device}` as never);
const cardsOf = ({ accounts }: FleetMember) =>
  accounts.flatMap(({ options: { secret } }) =>
    secret.kind === 'aka' && secret.card ? [secret.card] : [],
  );
const nodesOf = async (...users: readonly string[]) =>
  (await Promise.all(users.map((user) => fleet.ownerOf(user)))).map((it) => it?.owner);
const users = Array.from({ length: 20 }, (_, index) => `user${String(index)}`);

describe('REG-10: when the lease of a node lapses', () => {
  it('another registers what it had, under the same instance, and goes on with the numbers', async () => {
    await fleet.register(a, 'dora');
    const before = fleet.told('dora');

    kill(a);
    await fleet.pass(LEASE_MS + 1_000);

    const owner = await fleet.ownerOf('dora');
    expect(owner?.owner).toBe('node-b');
    const instances = fleet.said.filter(({ what }) => what === 'register');
    expect(new Set(instances.map(({ instanceId }) => instanceId)).size).toBe(1);
    expect(fleet.told('dora').slice(before.length)).toMatchObject([
      { event: 'registration', state: 'registering', seq: before.length + 1 },
      { event: 'registration', state: 'registered', seq: before.length + 2 },
    ]);
    expect(await fleet.shared.world.session('dora')).toMatchObject({ nodeId: 'node-b' });
  });

  it('REG-6: the card of a registration remembers what it has accepted', async () => {
    await fleet.register(a, 'dora', 'dora', 'aka');
    const [card] = cardsOf(a);
    card?.keep({ 1: 33 });
    await fleet.settle();

    kill(a);
    await fleet.pass(LEASE_MS + 1_000);

    expect(cardsOf(b).map(({ accepted }) => accepted)).toEqual([{ 1: 33 }]);
  });

  it('nothing is taken before', async () => {
    await fleet.register(a, 'dora');

    kill(a);
    await fleet.pass(LEASE_MS - 1_000);

    expect(await nodesOf('dora')).toEqual(['node-a']);
    expect(fleet.said.filter(({ node }) => node === 'node-b')).toEqual([]);
  });

  it('its survivors share the work, and none is registered by two', async () => {
    await fleet.start('node-c');
    for (const user of users) await fleet.register(a, user);

    kill(a);
    await fleet.pass(LEASE_MS + 5_000);

    const owners = await nodesOf(...users);
    const registered = fleet.said.filter(
      ({ node, what }) => node !== 'node-a' && what === 'register',
    );
    expect(owners).not.toContain('node-a');
    expect(new Set(owners)).toEqual(new Set(['node-b', 'node-c']));
    expect(registered).toHaveLength(users.length);
  });

  it('who is full leaves the rest to those with room', async () => {
    kill(b);
    await fleet.pass(LEASE_MS + 6_000);
    await fleet.start('small', { registrationCapacity: 2 });
    await fleet.start('large');
    for (const user of users) await fleet.register(a, user);

    kill(a);
    await fleet.pass(LEASE_MS + 6_000);

    const owners = await nodesOf(...users);
    expect(owners.filter((it) => it === 'small').length).toBeLessThanOrEqual(2);
    expect(owners.filter((it) => it === 'large').length).toBeGreaterThanOrEqual(18);
  });

  it('a client without a connection has its grace time, and is then let go', async () => {
    await fleet.register(a, 'dora');
    await detach('dora');

    kill(a);
    await fleet.pass(LEASE_MS + 1_000);
    expect(await nodesOf('dora')).toEqual(['node-b']);
    await fleet.pass(31_000);

    expect(await fleet.ownerOf('dora')).toBeUndefined();
    expect(fleet.said.at(-1)).toMatchObject({ node: 'node-b', what: 'deregister' });
    expect(await fleet.shared.world.session('dora')).toMatchObject({ state: 'ended' });
  });

  it('a registration whose last client has left meanwhile is taken back from IMS', async () => {
    await fleet.register(a, 'dora');
    kill(a);
    await fleet.shared.stores.sessions.end('dora' as never, { nodeId: nodeId('node-a'), epoch: 0 });
    const item = await fleet.shared.world.session('dora');
    await fleet.shared.world.putSession({ ...item, state: 'ended' } as never);

    await fleet.pass(LEASE_MS + 1_000);

    const words = fleet.said.filter(({ node }) => node === 'node-b').map(({ what }) => what);
    expect(words).toEqual(['register', 'deregister']);
    expect(await fleet.ownerOf('dora')).toBeUndefined();
  });

  it('SES-8: its calls have ended for their devices, each record once, and it is forgotten', async () => {
    await fleet.register(a, 'dora');
    const call = callId('call-0001');
    await fleet.shared.stores.calls.begin({
      ...{
        attemptId: 'attempt-1',
        callId: call,
        tenantId: 'coast',
        sessionId: 'other',
        parties: ['dora'],
      },
      ...{ nodeId: 'node-a', userName: 'dora', direction: 'incoming', peer: 'sip:x' },
      startedAtMs: 1,
    });

    kill(a);
    await fleet.pass(LEASE_MS + 6_000);

    const ended = fleet.told('dora').filter(({ event }) => event === 'call.ended');
    expect(ended).toMatchObject([{ callId: call, cause: 'network-failure' }]);
    expect(await fleet.shared.world.call(tenantId('coast'), 'attempt-1')).toMatchObject({
      cause: 'network-failure',
      blame: 'network',
    });
    const nodes = await fleet.shared.stores.registry.list();
    expect(nodes.map((it) => it.nodeId)).toEqual(['node-b']);
  });
});

describe('SES-8: the far ends of calls whose node has died', () => {
  it('are let go by who takes the registration over, once it is registered', async () => {
    await fleet.register(a, 'dora');
    await fleet.talking('node-a', 'dora');

    kill(a);
    await fleet.pass(LEASE_MS + 6_000);

    const saidThen = fleet.said.filter(({ node }) => node === 'node-b').map(({ what }) => what);
    expect(saidThen).toEqual(['register', 'release sip call of dora']);
    const record = await fleet.shared.world.call(tenantId('coast'), 'attempt of dora');
    expect(record).toMatchObject({ cause: 'network-failure' });
    expect(record).not.toHaveProperty('dialog');
  });

  it('are not, where the call is of somebody else', async () => {
    await fleet.register(a, 'dora');
    await fleet.talking('node-a', 'amira');

    kill(a);
    await fleet.pass(LEASE_MS + 6_000);

    expect(fleet.said.filter(({ what }) => what.startsWith('release'))).toEqual([]);
  });
});

describe('REG-10: a node that cannot renew its lease', () => {
  it('stops before others may act: it closes in silence and refuses commands', async () => {
    await fleet.register(a, 'dora');

    kill(a);
    await fleet.pass(LEASE_MS - 2_500);

    const refused = a.node.command({
      ...{ kind: 'unregister', commandId: 'c', tenant: 'coast', sessionId: 'dora' },
    });
    await expect(refused).rejects.toMatchObject({ code: 'node.unavailable' });
    expect(fleet.said.at(-1)).toMatchObject({ node: 'node-a', what: 'close' });
    expect(fleet.said.map(({ what }) => what)).not.toContain('deregister');
  });

  it('comes back under a new epoch, and touches nothing of what another has by now', async () => {
    await fleet.register(a, 'dora');
    kill(a);
    await fleet.pass(LEASE_MS + 2_000);

    a.reach.isThere = true;
    await fleet.pass(10_000);

    const nodes = await fleet.shared.stores.registry.list();
    expect(nodes.map((it) => [it.nodeId, it.state])).toContainEqual(['node-a', 'up']);
    expect(await nodesOf('dora')).toEqual(['node-b']);
    await fleet.register(a, 'emil');
    expect(await nodesOf('emil')).toEqual(['node-a']);
  });

  it('takes its own registrations up again where there is nobody else', async () => {
    await fleet.register(a, 'dora');
    kill(b);
    kill(a);
    await fleet.pass(LEASE_MS + 2_000);
    const before = await fleet.ownerOf('dora');

    a.reach.isThere = true;
    await fleet.pass(12_000);

    const after = await fleet.ownerOf('dora');
    expect(after?.owner).toBe('node-a');
    expect(after?.ownerEpoch).toBeGreaterThan(before?.ownerEpoch ?? Number.NaN);
    expect(after?.instanceId).toBe(before?.instanceId);
    expect(fleet.told('dora').at(-1)).toMatchObject({ state: 'registered' });
  });
});

describe('REG-10: a node that drains', () => {
  it('serves each registration until another has registered it, and says nothing to IMS', async () => {
    await fleet.register(a, 'dora');

    await a.node.drain();
    const left = a.node.handOversLeft;
    await fleet.pass(8_000);
    await a.node.stop();

    expect(left).toBe(1);
    expect(await nodesOf('dora')).toEqual(['node-b']);
    expect(fleet.said.map(({ node, what }) => [node, what])).toEqual([
      ['node-a', 'register'],
      ['node-b', 'register beside'],
      ['node-b', 'stand alone'],
      ['node-a', 'close'],
    ]);
    expect((await fleet.shared.stores.registry.list()).map((it) => it.nodeId)).toEqual(['node-b']);
    expect(await fleet.shared.world.session('dora')).toMatchObject({
      nodeId: 'node-b',
      state: 'live',
    });
  });

  it('keeps what IMS sends it while its successor registers, and hands over afterwards', async () => {
    await fleet.register(a, 'dora');
    await a.node.drain();
    while (!fleet.said.some(({ node }) => node === 'node-b')) await fleet.pass(250);
    const call = anInvite();

    a.accounts[0]?.ims({ kind: 'incoming', invite: call.invite });
    await fleet.pass(2_000);
    const ringing = await nodesOf('dora');
    call.ims({ kind: 'sip-cancelled' });
    await fleet.pass(2_000);

    expect(ringing).toEqual(['node-a']);
    expect(fleet.told('dora').map(({ event }) => event)).toEqual([
      ...['registration', 'call.incoming', 'call.ended', 'registration'],
    ]);
    expect(await nodesOf('dora')).toEqual(['node-b']);
  });

  it('leaves no second caller waiting at the successor while a first call goes on', async () => {
    await fleet.register(a, 'dora');
    await a.node.drain();
    while (!fleet.said.some(({ node }) => node === 'node-b')) await fleet.pass(250);
    const [first, second] = [anInvite(), anInvite()];

    a.accounts[0]?.ims({ kind: 'incoming', invite: first.invite });
    await fleet.settle();
    b.accounts[0]?.ims({ kind: 'incoming', invite: second.invite });
    await fleet.pass(8_000);

    expect(second.leg.sent).toEqual(['reject 480']);
    expect(first.leg.sent).not.toContainEqual(expect.stringContaining('reject'));
    expect(await nodesOf('dora')).toEqual(['node-a']);
  });

  it('takes everything back from IMS where it is the last', async () => {
    kill(b);
    await fleet.pass(LEASE_MS + 5_000);
    await fleet.register(a, 'dora');

    await a.node.drain();
    expect(a.node.handOversLeft).toBe(0);
    await a.node.stop();

    expect(fleet.said.at(-1)).toMatchObject({ node: 'node-a', what: 'deregister' });
    expect(await fleet.ownerOf('dora')).toBeUndefined();
    expect(fleet.told('dora').at(-1)).toMatchObject({ event: 'session.ended' });
  });
});

describe('REG-11: a second device', () => {
  it('is sent on by a node that does not have the registration', async () => {
    await fleet.register(a, 'dora', 'phone');

    await expect(fleet.register(b, 'dora', 'tablet')).rejects.toMatchObject({
      code: 'registration.elsewhere',
    });
    await fleet.register(a, 'dora', 'tablet');

    expect(fleet.said).toHaveLength(1);
    expect(fleet.told('tablet').at(-1)).toMatchObject({ state: 'registered' });
  });

  it('comes along with the first to the node that takes over', async () => {
    await fleet.register(a, 'dora', 'phone');
    await fleet.register(a, 'dora', 'tablet');

    kill(a);
    await fleet.pass(LEASE_MS + 1_000);

    for (const device of ['phone', 'tablet']) {
      expect(await fleet.shared.world.session(device)).toMatchObject({ nodeId: 'node-b' });
      expect(fleet.told(device).at(-1)).toMatchObject({ state: 'registered' });
    }
    expect(fleet.said.filter(({ node }) => node === 'node-b')).toHaveLength(1);
  });
});

describe('OPS-4: the shards a survivor begins with', () => {
  it.each([1, 2, 3, 5])('are all of them once among %i survivors', (count) => {
    const alive = Array.from({ length: count }, (_, index) => `n${String(index)}`);

    const taken = alive.flatMap((me) => shardsFirst(me, alive));

    expect(taken.sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });
});

describe('REG-2: when the network refuses a registration', () => {
  it('a device is told so that the node has not noted yet', async () => {
    fleet.imsRefuses = true;

    await fleet.register(a, 'dora');

    expect(fleet.told('dora')).toMatchObject([
      { event: 'registration', state: 'failed', error: { code: 'registration.refused' } },
      { event: 'session.ended', reason: 'de-registered-by-network' },
    ]);
    expect(await fleet.ownerOf('dora')).toBeUndefined();
  });
});

import { impu, tenantId, trunkId } from '@isthmus/shared/domain/ids';
import type { BindingItem } from '@isthmus/shared/store/items';
import { type FleetMember, impuOf, NodeFleet, TENANT } from '../../../../support/node-fleet.ts';

const MIN_MS = 60_000;
const NAME = { tenantId: tenantId('coast'), trunkId: trunkId('main') };
const over = [
  ['refused it', { kind: 'refused', status: 403, reason: 'no' }],
  ['ended it', { kind: 'unregistered' }],
] as const;

describe('REG-9: a trunk, after IMS', () => {
  let fleet: NodeFleet;
  let node: FleetMember;
  beforeEach(async () => {
    fleet = new NodeFleet();
    await fleet.shared.world.putTenant(TENANT);
    await fleet.shared.world.putTrunk({
      ...{ tenantId: 'coast', trunkId: 'main', impu: impuOf('pbx'), impi: 'pbx@ims.example' },
      ...{ sealedPassword: 'old', state: 'down', implicitSet: [] },
    });
    node = await fleet.start('a');
    await fleet.settle();
  });
  afterEach(async () => {
    await node.node.stop();
  });

  const happens = async (event: Parameters<FleetMember['accounts'][0]['ims']>[0]) => {
    node.accounts.at(-1)?.ims(event);
    await fleet.settle();
  };
  const state = async () => (await fleet.shared.stores.trunks.list())[0]?.state;
  const registers = () => fleet.said.filter(({ what }) => what === 'register').length;

  it.each(over)('%s, is down, tells its members, and turns others away', async (_, event) => {
    await fleet.registerBound(node, 'ada', { impu: impuOf('pbx'), trunkId: 'main' });

    await happens(event);

    expect(await state()).toBe('down');
    expect(fleet.told('ada').map((it) => it['state'])).toEqual(['registered', 'registering']);
    await expect(
      fleet.registerBound(node, 'ben', { impu: impuOf('pbx'), trunkId: 'main' }),
    ).rejects.toThrow('registration.trunk-down');
    expect(fleet.counted).toEqual([['trunks_down', { why: event.kind }]]);
  });

  it.each(over)('%s, comes again by itself, as it is provisioned by then', async (_, event) => {
    await fleet.registerBound(node, 'ada', { impu: impuOf('pbx'), trunkId: 'main' });
    await happens(event);
    const [item] = await fleet.shared.stores.trunks.list();
    if (item) await fleet.shared.world.putTrunk({ ...item, sealedPassword: 'new' });

    await fleet.pass(5 * MIN_MS - 1_000);
    expect(registers()).toBe(1);
    await fleet.pass(3 * MIN_MS);

    expect(await state()).toBe('up');
    expect(registers()).toBe(2);
    const [first, second] = node.accounts.map(({ options }) => options);
    expect(second?.instanceId).toBe(first?.instanceId);
    const secret = second?.secret;
    expect(secret?.kind === 'password' && secret.password.reveal()).toBe('new');
    expect(fleet.told('ada').map((it) => it['state'])).toEqual([
      ...['registered', 'registering', 'registered'],
    ]);
  });

  it('refused it again and again, is not pressed', async () => {
    fleet.imsRefuses = true;
    await happens({ kind: 'refused', status: 403, reason: 'no' });

    await fleet.pass(120 * MIN_MS);

    expect(registers()).toBeGreaterThanOrEqual(4);
    expect(registers()).toBeLessThanOrEqual(8);
    expect(await state()).toBe('down');
  });

  it('ended it, is another node’s at the stop of this one, and stays away', async () => {
    await happens({ kind: 'unregistered' });

    await node.node.stop();
    await fleet.pass(60 * MIN_MS);

    expect(registers()).toBe(1);
    expect(await fleet.shared.stores.trunks.isOwned(NAME, { nodeId: 'a' as never, epoch: 1 })).toBe(
      false,
    );
  });

  it('lost and found it, is told of once', async () => {
    await fleet.registerBound(node, 'ada', { impu: impuOf('pbx'), trunkId: 'main' });

    await happens({ kind: 'lost', reason: 'deactivated' });
    await happens({
      ...{ kind: 'registered', defaultImpu: impu(impuOf('pbx')) },
      implicitSet: [impu(impuOf('pbx'))],
    });
    await fleet.pass(60 * MIN_MS);

    expect(registers()).toBe(1);
    expect(await state()).toBe('up');
  });

  it('SES-8: of a node that died, lets go the far ends of its calls', async () => {
    await fleet.registerBound(node, 'ada', { impu: impuOf('pbx'), trunkId: 'main' });
    await fleet.talking('a', 'ada');
    await fleet.start('b');

    node.reach.isThere = false;
    await fleet.pass(MIN_MS);

    const saidThen = fleet.said.filter((it) => it.node === 'b').map(({ what }) => what);
    expect(saidThen).toEqual(['register', 'release sip call of ada']);
  });

  it('REG-1: ends who has lost an identity to its operator, and nobody else', async () => {
    const [ada, ben] = ['ada', 'ben'].map((userName) => ({
      ...{ tenantId: 'coast', userName, impu: impuOf(userName), trunkId: 'main' },
    })) as [BindingItem, BindingItem];
    for (const binding of [ada, ben]) {
      await fleet.shared.world.putBinding(binding);
      await fleet.registerBound(node, binding.userName, binding);
    }
    await happens({
      ...{ kind: 'registered', defaultImpu: impu(ada.impu) },
      implicitSet: [ada, ben].map((it) => impu(it.impu)),
    });
    await fleet.shared.world.putBinding({ ...ada, userName: 'carl' });
    await fleet.pass(10_000);
    const before = fleet.told('ada').length;
    const [item] = await fleet.shared.stores.trunks.list();

    if (item) await fleet.shared.world.putTrunk({ ...item, releasedAtMs: fleet.clock.nowMs() });
    await fleet.pass(10_000);

    // Nobody looks before the trunk says that something was taken.
    expect(fleet.told('ada').slice(before)).toMatchObject([
      { event: 'session.ended', reason: 'identity-taken' },
    ]);
    expect(fleet.told('ben').map((it) => it['event'])).not.toContain('session.ended');
  });
});

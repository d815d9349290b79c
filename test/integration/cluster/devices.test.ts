import { until } from '../../support/until.ts';
import { WirePhone } from '../../support/wire-phone.ts';
import { eachOnACluster, hears, type Someone } from './a-cluster.ts';

const here = eachOnACluster();

const nodesOf = async (all: readonly Someone[]): Promise<ReadonlySet<unknown>> =>
  new Set(await Promise.all(all.map(async (it) => (await here.cluster.sessionItem(it))['nodeId'])));
const registrationsOf = (impi: string) =>
  here.cluster.simulator.registrations().filter((it) => it.impi === impi);

describe('REG-11: the devices of one user, on two nodes', () => {
  it('that come at once share one registration on one node, and ring together', async () => {
    const user = here.cluster.user('same-credentials');
    const devices = await Promise.all([1, 2, 3].map(() => here.cluster.logIn(user)));
    const phone = await here.cluster.farPhone();

    const call = phone.invite(user.userName, here.rtp.sdp('8'));
    const told = await Promise.all(devices.map((it) => hears(it, { event: 'call.incoming' })));
    const { callId } = told[0] ?? {};
    await devices[0]?.wire.ask({ action: 'call.decline', callId, seq: 0 });
    call.cancel();
    await Promise.all(devices.map((it) => hears(it, { event: 'call.ended', callId })));

    expect(new Set(told.map((it) => it['callId'])).size).toBe(1);
    expect(registrationsOf('dora@coast.example')).toHaveLength(1);
    expect((await nodesOf(devices)).size).toBe(1);
  }, 120_000);

  it('OPS-4: go to the node of the first, though another one has more room', async () => {
    const first = await here.cluster.logIn(here.cluster.user('same-credentials'));
    const owner = await here.cluster.nodeOf(first);
    const call = await WirePhone.inCall(first.wire, first.session);
    await until(async () => {
      const nodes = await here.cluster.items('NODE#');
      return nodes.some(({ nodeId, used }) => nodeId === owner.id && used === 1);
    }, 'the registry knows who is busy');

    const second = await here.cluster.logIn(here.cluster.user('same-credentials'));
    const stranger = await here.cluster.logIn(here.cluster.user('token'));
    await call.close();

    expect(await nodesOf([first, second])).toEqual(new Set([owner.id]));
    expect(await nodesOf([stranger])).not.toContain(owner.id);
    expect(registrationsOf('dora@coast.example')).toHaveLength(1);
  }, 120_000);

  it('all come along when their node dies, and ring together where they are', async () => {
    const user = here.cluster.user('same-credentials');
    const devices = [await here.cluster.logIn(user), await here.cluster.logIn(user)];
    const phone = await here.cluster.farPhone();
    const [dead] = await Promise.all(devices.map((it) => here.cluster.nodeOf(it)));

    dead?.signal('SIGKILL');
    const again = { event: 'registration', state: 'registered' };
    await Promise.all(devices.map((it) => hears(it, again)));
    const call = phone.invite(user.userName, here.rtp.sdp('8'));
    const told = await Promise.all(devices.map((it) => hears(it, { event: 'call.incoming' })));
    call.cancel();
    await Promise.all(devices.map((it) => hears(it, { event: 'call.ended' })));

    expect(new Set(told.map((it) => it['callId'])).size).toBe(1);
    expect(await nodesOf(devices)).not.toContain(dead?.id);
    expect(registrationsOf('dora@coast.example')).toHaveLength(1);
  }, 120_000);
});

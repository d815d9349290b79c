import { WirePhone } from '../../support/wire-phone.ts';
import { RawRtp } from '../ims-simulator/raw-rtp.ts';
import { until } from '../stack/a-stack.ts';
import { hears, type Someone, TestCluster } from './a-cluster.ts';

let cluster: TestCluster;
let rtp: RawRtp;

beforeEach(async () => {
  cluster = await TestCluster.start(2);
  rtp = await RawRtp.open();
}, 120_000);
afterEach(async () => {
  rtp.close();
  await cluster.close();
}, 60_000);

const nodesOf = async (all: readonly Someone[]): Promise<ReadonlySet<unknown>> =>
  new Set(await Promise.all(all.map(async (it) => (await cluster.sessionItem(it))['nodeId'])));
const registrationsOf = (impi: string) =>
  cluster.simulator.registrations().filter((it) => it.impi === impi);

describe('REG-11: the devices of one user, on two nodes', () => {
  it('that come at once share one registration on one node, and ring together', async () => {
    const user = cluster.user('same-credentials');
    const devices = await Promise.all([1, 2, 3].map(() => cluster.logIn(user)));
    const phone = await cluster.farPhone();

    const call = phone.invite(user.userName, rtp.sdp('8'));
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
    const first = await cluster.logIn(cluster.user('same-credentials'));
    const owner = await cluster.nodeOf(first);
    const call = await WirePhone.inCall(first.wire, first.session);
    await until('the registry knows who is busy', async () => {
      const nodes = await cluster.items('NODE#');
      return nodes.some(({ nodeId, used }) => nodeId === owner.id && used === 1);
    });

    const second = await cluster.logIn(cluster.user('same-credentials'));
    const stranger = await cluster.logIn(cluster.user('token'));
    await call.close();

    expect(await nodesOf([first, second])).toEqual(new Set([owner.id]));
    expect(await nodesOf([stranger])).not.toContain(owner.id);
    expect(registrationsOf('dora@coast.example')).toHaveLength(1);
  }, 120_000);

  it('all come along when their node dies, and ring together where they are', async () => {
    const user = cluster.user('same-credentials');
    const devices = [await cluster.logIn(user), await cluster.logIn(user)];
    const phone = await cluster.farPhone();
    const [dead] = await Promise.all(devices.map((it) => cluster.nodeOf(it)));

    dead?.signal('SIGKILL');
    const again = { event: 'registration', state: 'registered' };
    await Promise.all(devices.map((it) => hears(it, again)));
    const call = phone.invite(user.userName, rtp.sdp('8'));
    const told = await Promise.all(devices.map((it) => hears(it, { event: 'call.incoming' })));
    call.cancel();
    await Promise.all(devices.map((it) => hears(it, { event: 'call.ended' })));

    expect(new Set(told.map((it) => it['callId'])).size).toBe(1);
    expect(await nodesOf(devices)).not.toContain(dead?.id);
    expect(registrationsOf('dora@coast.example')).toHaveLength(1);
  }, 120_000);
});

import { WirePhone } from '../../support/wire-phone.ts';
import { RawRtp } from '../ims-simulator/raw-rtp.ts';
import { until } from '../stack/a-stack.ts';
import { hears, TestCluster } from './a-cluster.ts';

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

describe('REG-10: a node that drains', () => {
  it('hands over without a gap: every call on the way rings, and no REGISTER lets go', async () => {
    const dora = await cluster.logIn(cluster.user('same-credentials'));
    const amira = await cluster.logIn(cluster.user('ip-pbx'));
    const leaving = await cluster.nodeOf(dora);
    const phone = await cluster.farPhone();
    let rung = 0;

    leaving.signal('SIGTERM');
    while (leaving.isRunning || rung < 5) {
      const call = phone.invite(dora.user.userName, rtp.sdp('8'));
      const { callId } = await hears(dora, { event: 'call.incoming' });
      await dora.wire.ask({ action: 'call.decline', callId, seq: 0 });
      call.refuse(await call.answer(603));
      rung += 1;
    }
    await until('both are on the other node', async () => {
      const items = [await cluster.sessionItem(dora), await cluster.sessionItem(amira)];
      return items.every(({ nodeId }) => nodeId !== leaving.id);
    });

    expect(deRegistrations()).toEqual([]);
    expect(
      cluster.simulator
        .registrations()
        .map(({ impi }) => impi)
        .sort(),
    ).toEqual(['dora@coast.example', 'emil@coast.example', 'pbx@coast.example']);
    expect((await cluster.items('NODE#')).map(({ nodeId }) => nodeId)).not.toContain(leaving.id);
  }, 120_000);

  it('keeps a registration with a live call until the call has ended', async () => {
    const dora = await cluster.logIn(cluster.user('same-credentials'));
    const call = await WirePhone.inCall(dora.wire, dora.session);
    const leaving = await cluster.nodeOf(dora);

    leaving.signal('SIGTERM');
    await call.hear(100);
    const during = (await cluster.sessionItem(dora))['nodeId'];
    await call.command('call.hang-up');
    await call.close();
    await leaving.gone;

    expect(during).toBe(leaving.id);
    expect((await cluster.sessionItem(dora))['nodeId']).not.toBe(leaving.id);
    expect(deRegistrations()).toEqual([]);
  }, 120_000);

  it('leaves nothing behind in IMS where it was the last', async () => {
    await cluster.logIn(cluster.user('same-credentials'));

    await Promise.all(cluster.cluster.nodes.map((node) => node.end()));

    expect(cluster.simulator.registrations()).toEqual([]);
    expect(await cluster.items('REG#')).toEqual([]);
    expect(await cluster.items('NODE#')).toEqual([]);
  }, 120_000);
});

describe('REG-11: the devices of one user', () => {
  it('that come at once share one registration on one node, and ring together', async () => {
    const user = cluster.user('same-credentials');
    const devices = await Promise.all([1, 2, 3].map(() => cluster.logIn(user)));
    const phone = await cluster.farPhone();

    const call = phone.invite(user.userName, rtp.sdp('8'));
    const told = await Promise.all(devices.map((it) => hears(it, { event: 'call.incoming' })));
    const [first] = devices;
    const { callId } = told[0] ?? {};
    await first?.wire.ask({ action: 'call.decline', callId, seq: 0 });
    call.cancel();
    await Promise.all(devices.map((it) => hears(it, { event: 'call.ended', callId })));

    expect(new Set(told.map((it) => it['callId'])).size).toBe(1);
    expect(
      cluster.simulator.registrations().filter(({ impi }) => impi === 'dora@coast.example'),
    ).toHaveLength(1);
    const nodes = await Promise.all(devices.map((it) => cluster.sessionItem(it)));
    expect(new Set(nodes.map(({ nodeId }) => nodeId)).size).toBe(1);
  }, 120_000);
});

const deRegistrations = (): readonly string[] =>
  cluster.simulator
    .trace()
    .map(({ text }) => text)
    .filter((text) => text.startsWith('REGISTER') && /expires[=:] ?0\b/i.test(text));

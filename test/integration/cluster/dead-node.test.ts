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

const registered = { event: 'registration', state: 'registered' };

async function isRungBy(callee: Someone, impu: string): Promise<void> {
  const phone = await cluster.farPhone();
  const call = phone.invite(impu, rtp.sdp('8'));
  const { callId } = await hears(callee, { event: 'call.incoming' });
  await callee.wire.ask({ action: 'call.decline', callId, seq: 0 });
  const final = await call.answer(603);
  call.refuse(final);
}

describe('REG-10: a node that dies', () => {
  it('leaves its registrations to another, and an incoming call rings the same client', async () => {
    const dora = await cluster.logIn(cluster.user('same-credentials'));
    const instancesBefore = instances();
    const dead = await cluster.nodeOf(dora);

    dead.signal('SIGKILL');
    await hears(dora, registered);
    await isRungBy(dora, dora.user.userName);
    await hears(dora, { event: 'call.ended' });

    expect(inOrder(dora.wire.seqs)).toEqual(dora.wire.seqs.map((_, index) => index + 1));
    expect((await cluster.sessionItem(dora))['nodeId']).not.toBe(dead.id);
    expect(instances()).toEqual(instancesBefore);
    expect(ofImpi('dora@coast.example')).toHaveLength(1);
  }, 120_000);

  it('SES-8: ends its calls, tells who was in them, and closes each record once', async () => {
    const dora = await cluster.logIn(cluster.user('same-credentials'));
    const phone = await WirePhone.inCall(dora.wire, dora.session);
    (await cluster.nodeOf(dora)).signal('SIGKILL');

    const ended = await hears(dora, { event: 'call.ended' });
    await hears(dora, registered);
    await phone.close();

    expect(ended).toMatchObject({ callId: phone.callId, cause: 'network-failure' });
    const records = (await cluster.items('TENANT#')).filter(({ sk }) => sk === 'CALL');
    expect(records).toMatchObject([{ callId: phone.callId, cause: 'network-failure' }]);
    // Among those of its month, no longer among those of a node.
    expect(records[0]?.['gsi1pk']).toMatch(/^TENANT#coast#CALLS#/);
    await until(
      'the dead node is forgotten',
      async () => (await cluster.items('NODE#')).length === 1,
    );
  }, 120_000);

  it('REG-1: leaves its trunk to another, with the users of it', async () => {
    const amira = await cluster.logIn(cluster.user('ip-pbx'));
    const dead = await cluster.nodeOf(amira);

    dead.signal('SIGKILL');
    await hears(amira, registered);
    await isRungBy(amira, amira.session.impu);

    expect((await cluster.sessionItem(amira))['nodeId']).not.toBe(dead.id);
    expect(ofImpi('pbx@coast.example')).toHaveLength(1);
  }, 120_000);

  it('answers commands with a code that says to try again, until another has the session', async () => {
    const dora = await cluster.logIn(cluster.user('same-credentials'));
    (await cluster.nodeOf(dora)).signal('SIGKILL');

    const { error } = await dora.wire.request({
      ...{ action: 'call.start', callId: 'call-in-the-gap', seq: 0, target: 'echo' },
      sdp: rtp.sdp('8'),
    });
    await hears(dora, registered);
    const again = await cluster.connect();
    const { sessionId, resumeKey } = dora.session;
    const resumed = await again.ask({ action: 'resume', sessionId, resumeKey, lastSeq: 1 });

    expect(error).toMatchObject({ code: 'node.unavailable', retryable: true });
    expect((resumed['events'] as unknown[]).length).toBeGreaterThan(0);
    await isRungBy({ ...dora, wire: again }, dora.user.userName);
  }, 120_000);
});

/** The gateway may deliver them in another order; each number is there, and there once. */
const inOrder = (seqs: readonly number[]): readonly number[] => seqs.toSorted((a, b) => a - b);

const ofImpi = (impi: string) => cluster.simulator.registrations().filter((it) => it.impi === impi);

/** `+sip.instance` of every REGISTER of dora's so far. */
function instances(): readonly string[] {
  const registers = cluster.simulator
    .trace()
    .filter(({ text }) => text.startsWith('REGISTER') && text.includes('dora@coast.example'));
  return [
    ...new Set(registers.flatMap(({ text }) => /\+sip\.instance="([^"]+)"/.exec(text)?.[1] ?? [])),
  ];
}

import { until } from '../../support/until.ts';
import { WirePhone } from '../../support/wire-phone.ts';
import { eachOnACluster, hears, type Someone } from './a-cluster.ts';

const here = eachOnACluster();

const registered = { event: 'registration', state: 'registered' };

async function isRungBy(callee: Someone, impu: string): Promise<void> {
  const phone = await here.cluster.farPhone();
  const call = phone.invite(impu, here.rtp.sdp('8'));
  const { callId } = await hears(callee, { event: 'call.incoming' });
  await callee.wire.ask({ action: 'call.decline', callId, seq: 0 });
  const final = await call.answer(603);
  call.refuse(final);
}

describe('REG-10: a node that dies', () => {
  it('leaves its registrations to another, and an incoming call rings the same client', async () => {
    const dora = await here.cluster.logIn(here.cluster.user('same-credentials'));
    const instancesBefore = instances();
    const dead = await here.cluster.nodeOf(dora);

    dead.signal('SIGKILL');
    await hears(dora, registered);
    await isRungBy(dora, dora.user.userName);
    await hears(dora, { event: 'call.ended' });

    expect(inOrder(dora.wire.seqs)).toEqual(dora.wire.seqs.map((_, index) => index + 1));
    expect((await here.cluster.sessionItem(dora))['nodeId']).not.toBe(dead.id);
    expect(instances()).toEqual(instancesBefore);
    expect(ofImpi('dora@coast.example')).toHaveLength(1);
  }, 120_000);

  it('SES-8: ends its calls, tells both ends of them, and closes each record once', async () => {
    const dora = await here.cluster.logIn(here.cluster.user('same-credentials'));
    const phone = await WirePhone.inCall(dora.wire, dora.session);
    (await here.cluster.nodeOf(dora)).signal('SIGKILL');

    const ended = await hears(dora, { event: 'call.ended' });
    await hears(dora, registered);
    await phone.close();
    await until(() => {
      const byes = ofCall(invitesOf('dora@coast.example').at(-1) ?? '', ' BYE');
      return byes.some((it) => it.startsWith('BYE '));
    }, 'its far end is told');

    expect(ended).toMatchObject({ callId: phone.callId, cause: 'network-failure' });
    const records = (await here.cluster.items('TENANT#')).filter(({ sk }) => sk === 'CALL');
    expect(records).toMatchObject([{ callId: phone.callId, cause: 'network-failure' }]);
    // Among those of its month, no longer among those of a node.
    expect(records[0]?.['gsi1pk']).toMatch(/^TENANT#coast#CALLS#/);
    await until(
      async () => (await here.cluster.items('NODE#')).length === 1,
      'the dead node is forgotten',
    );
  }, 120_000);

  it('REG-1: leaves its trunk to another, with the users of it', async () => {
    const amira = await here.cluster.logIn(here.cluster.user('ip-pbx'));
    const dead = await here.cluster.nodeOf(amira);

    dead.signal('SIGKILL');
    await hears(amira, registered);
    await isRungBy(amira, amira.session.impu);

    expect((await here.cluster.sessionItem(amira))['nodeId']).not.toBe(dead.id);
    expect(ofImpi('pbx@coast.example')).toHaveLength(1);
  }, 120_000);

  it('answers commands with a code that says to try again, until another has the session', async () => {
    const dora = await here.cluster.logIn(here.cluster.user('same-credentials'));
    (await here.cluster.nodeOf(dora)).signal('SIGKILL');

    const { error } = await dora.wire.request({
      ...{ action: 'call.start', callId: 'call-in-the-gap', seq: 0, target: 'echo' },
      sdp: here.rtp.sdp('8'),
    });
    await hears(dora, registered);
    const again = await here.cluster.connect();
    const { sessionId, resumeKey } = dora.session;
    const resumed = await again.ask({ action: 'resume', sessionId, resumeKey, lastSeq: 1 });

    expect(error).toMatchObject({ code: 'node.unavailable', retryable: true });
    expect((resumed['events'] as unknown[]).length).toBeGreaterThan(0);
    await isRungBy({ ...dora, wire: again }, dora.user.userName);
  }, 120_000);
});

/** The gateway may deliver them in another order; each number is there, and there once. */
const inOrder = (seqs: readonly number[]): readonly number[] => seqs.toSorted((a, b) => a - b);

const texts = () => here.cluster.simulator.trace().map(({ text }) => text);
const invitesOf = (caller: string) =>
  texts().filter((it) => it.startsWith('INVITE ') && it.includes(caller));
const headerIn = (text: string, name: string) =>
  new RegExp(`^${name}: *(.*?)\\r?$`, 'im').exec(text)?.[1] ?? '';
/** Of the dialog that an INVITE began, by their CSeq. */
const ofCall = (invite: string, method: string) =>
  texts().filter(
    (it) =>
      headerIn(it, 'Call-ID') === headerIn(invite, 'Call-ID') &&
      headerIn(it, 'CSeq').endsWith(method),
  );

const ofImpi = (impi: string) =>
  here.cluster.simulator.registrations().filter((it) => it.impi === impi);

/** `+sip.instance` of every REGISTER of dora's so far. */
function instances(): readonly string[] {
  const registers = here.cluster.simulator
    .trace()
    .filter(({ text }) => text.startsWith('REGISTER') && text.includes('dora@coast.example'));
  return [
    ...new Set(registers.flatMap(({ text }) => /\+sip\.instance="([^"]+)"/.exec(text)?.[1] ?? [])),
  ];
}

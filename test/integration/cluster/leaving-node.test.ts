import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../support/until.ts';
import { WirePhone } from '../../support/wire-phone.ts';
import { eachOnACluster, hears } from './a-cluster.ts';

const PATIENCE_MS = 45_000;
/** A user who is called without a pause is not handed over: each call takes the offer back. */
const BETWEEN_CALLS_MS = 250;

// Nothing here ends because the time to drain is over.
const here = eachOnACluster({ DRAIN_S: '60' });

describe('REG-10: a node that drains', () => {
  it('hands over without a gap: every call on the way rings, and no REGISTER lets go', async () => {
    const dora = await here.cluster.logIn(here.cluster.user('same-credentials'));
    const amira = await here.cluster.logIn(here.cluster.user('ip-pbx'));
    const leaving = await here.cluster.nodeOf(dora);
    const phone = await here.cluster.farPhone();
    let rung = 0;

    leaving.signal('SIGTERM');
    while (leaving.isRunning || rung < 5) {
      const call = phone.invite(dora.user.userName, here.rtp.sdp('8'));
      const final = call.answer(300, PATIENCE_MS);
      const told = hears(dora, { event: 'call.incoming' });
      const lost = final.then(({ start }) => Promise.reject(new Error(`not rung: ${start}`)));
      const { callId } = await Promise.race([told, lost]);
      lost.catch(() => undefined);
      await dora.wire.ask({ action: 'call.decline', callId, seq: 0 });
      call.refuse(await final);
      rung += 1;
      await sleep(BETWEEN_CALLS_MS);
    }
    await until(async () => {
      const items = [await here.cluster.sessionItem(dora), await here.cluster.sessionItem(amira)];
      return items.every(({ nodeId }) => nodeId !== leaving.id);
    }, 'both are on the other node');

    expect(deRegistrations()).toEqual([]);
    expect(
      here.cluster.simulator
        .registrations()
        .map(({ impi }) => impi)
        .sort(),
    ).toEqual(['dora@coast.example', 'emil@coast.example', 'pbx@coast.example']);
    expect((await here.cluster.items('NODE#')).map(({ nodeId }) => nodeId)).not.toContain(
      leaving.id,
    );
  }, 120_000);

  it('keeps a registration with a live call until the call has ended', async () => {
    const dora = await here.cluster.logIn(here.cluster.user('same-credentials'));
    const call = await WirePhone.inCall(dora.wire, dora.session);
    const leaving = await here.cluster.nodeOf(dora);

    leaving.signal('SIGTERM');
    await call.hear(100);
    const during = (await here.cluster.sessionItem(dora))['nodeId'];
    await call.command('call.hang-up');
    await call.close();
    await leaving.gone;

    expect(during).toBe(leaving.id);
    expect((await here.cluster.sessionItem(dora))['nodeId']).not.toBe(leaving.id);
    expect(deRegistrations()).toEqual([]);
  }, 120_000);

  it('leaves nothing behind in IMS where it was the last', async () => {
    await here.cluster.logIn(here.cluster.user('same-credentials'));

    await Promise.all(here.cluster.cluster.nodes.map((node) => node.end()));

    expect(here.cluster.simulator.registrations()).toEqual([]);
    expect(await here.cluster.items('REG#')).toEqual([]);
    expect(await here.cluster.items('NODE#')).toEqual([]);
  }, 120_000);
});

const deRegistrations = (): readonly string[] =>
  here.cluster.simulator
    .trace()
    .map(({ text }) => text)
    .filter((text) => text.startsWith('REGISTER') && /expires[=:] ?0\b/i.test(text));

import type { Call } from '../../../client/src/app/call.ts';
import { PhoneBench } from './phone-bench.ts';

describe('CLI-1, SES-5: a conference', () => {
  let bench: PhoneBench;
  let seq: number;

  const callOf = async (target: string): Promise<Call> => {
    const call = bench.phone.call(target);
    await bench.settle();
    await bench.grant('call.start', { sdp: 'answer' });
    seq += 1;
    await bench.tell({ event: 'call.answered', seq, callId: call.id });
    return call;
  };
  const mixes = (): readonly string[] =>
    bench.peers.map(({ done }) => done.filter((it) => it.startsWith('mix')).join());

  beforeEach(async () => {
    bench = new PhoneBench();
    await bench.logIn();
    seq = 1;
  });

  it('wants two calls that are on', async () => {
    await callOf('bob');

    expect(() => bench.phone.conference()).toThrow('A conference needs two calls that are on.');
  });

  it('lets each side hear the other, and resumes who was held', async () => {
    const bob = await callOf('bob');
    const carol = await callOf('carol');
    expect(bob.held.byUs).toBe(true);

    const conference = bench.phone.conference();
    await bench.settle();

    expect(conference.calls).toEqual([bob, carol]);
    expect([bob.held.byUs, carol.held.byUs]).toEqual([false, false]);
    expect(mixes()).toEqual(['mix 1', 'mix 1']);
  });

  it('is over when one leaves, and the other is talked to alone', async () => {
    const bob = await callOf('bob');
    const carol = await callOf('carol');
    const ended: unknown[] = [];
    bench.phone.conference().on('ended', () => ended.push('ended'));

    bob.hangUp();
    await bench.settle();

    expect(ended).toEqual(['ended']);
    expect(carol.phase).toBe('active');
    expect(mixes()[1]).toBe('mix 1,mix 0');
  });

  it('is parted again: one goes on, the other is held; or all hang up', async () => {
    const bob = await callOf('bob');
    const carol = await callOf('carol');

    bench.phone.conference().split();
    expect([bob.held.byUs, carol.held.byUs]).toEqual([false, true]);

    bench.phone.conference().hangUp();
    expect([bob.phase, carol.phase]).toEqual(['ended', 'ended']);
  });
});

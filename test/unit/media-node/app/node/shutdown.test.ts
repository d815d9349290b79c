import { setImmediate as turn } from 'node:timers/promises';
import { CLOSE_LIMIT_MS, Shutdown } from '../../../../../media-node/src/app/node/shutdown.ts';
import { FakeClock } from '../../../../support/fake-clock.ts';
import { noLog } from '../../../../support/node-no-log.ts';

const DRAIN_MS = 110_000;

const aNode = (activeCalls: number) => ({
  activeCalls,
  handOversLeft: 0,
  did: [] as string[],
  drain(): Promise<void> {
    this.did.push('drain');
    return Promise.resolve();
  },
  close(): Promise<void> {
    this.did.push('close');
    return Promise.resolve();
  },
});

const bench = (activeCalls: number, node = aNode(activeCalls)) => {
  const clock = new FakeClock();
  const exits: number[] = [];
  const shutdown = new Shutdown(
    { node: Promise.resolve(node), clock, log: noLog, exit: (code) => exits.push(code) },
    { drainMs: DRAIN_MS },
  );
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms);
    await turn();
  };
  return { node, exits, shutdown, pass };
};

describe('OPS-5: a node that is told to end', () => {
  it('ends at once when nobody is calling', async () => {
    const { node, exits, shutdown } = bench(0);

    await shutdown.request();

    expect(node.did).toEqual(['drain', 'close']);
    expect(exits).toEqual([0]);
  });

  it('REG-10: waits until other nodes have taken its registrations', async () => {
    const { node, pass, shutdown } = bench(0);
    node.handOversLeft = 3;
    void shutdown.request();
    await turn();

    await pass(1_000);
    const before = [...node.did];
    node.handOversLeft = 0;
    await pass(1_000);

    expect(before).toEqual(['drain']);
    expect(node.did).toEqual(['drain', 'close']);
  });

  it('waits for its last call', async () => {
    const { node, exits, pass, shutdown } = bench(2);
    void shutdown.request();
    await turn();

    node.activeCalls = 1;
    await pass(60_000);
    const before = [...node.did];
    node.activeCalls = 0;
    await pass(1_000);

    expect(before).toEqual(['drain']);
    expect(node.did).toEqual(['drain', 'close']);
    expect(exits).toEqual([0]);
  });

  it('waits no longer than it may', async () => {
    const { node, exits, pass, shutdown } = bench(1);
    void shutdown.request();
    await turn();

    await pass(DRAIN_MS - 1);
    const before = [...node.did];
    await pass(1_000);

    expect(before).toEqual(['drain']);
    expect(node.did).toEqual(['drain', 'close']);
    expect(exits).toEqual([0]);
  });

  it('waits no more when it is told again, and closes once', async () => {
    const { node, exits, pass, shutdown } = bench(1);
    void shutdown.request();
    await turn();

    await shutdown.request();
    await pass(1_000);
    await shutdown.request();

    expect(node.did).toEqual(['drain', 'close']);
    expect(exits).toEqual([0]);
  });

  it('drains although the registry cannot be told', async () => {
    const node = { ...aNode(0), drain: () => Promise.reject(new Error('no table')) };
    const { exits, shutdown } = bench(0, node);

    await shutdown.request();

    expect(exits).toEqual([0]);
  });

  it('ends although IMS never answers its de-registration', async () => {
    const node = { ...aNode(0), close: () => new Promise<never>(() => undefined) };
    const { exits, pass, shutdown } = bench(0, node);
    void shutdown.request();
    await turn();

    await pass(CLOSE_LIMIT_MS);

    expect(exits).toEqual([0]);
  });

  it('ends although it cannot close', async () => {
    const node = { ...aNode(0), close: () => Promise.reject(new Error('socket')) };
    const { exits, shutdown } = bench(0, node);

    await shutdown.request();

    expect(exits).toEqual([0]);
  });
});

describe('OPS-5: a node with a bug nobody caught', () => {
  it('closes without draining and says that it failed', async () => {
    const { node, exits, shutdown } = bench(1);

    await shutdown.fail(new Error('bug'));

    expect(node.did).toEqual(['close']);
    expect(exits).toEqual([1]);
  });
});

import { setImmediate as turn } from 'node:timers/promises';
import {
  PROTECTED_MIN,
  ProtectionKeeper,
} from '../../../../../media-node/src/app/node/protection-keeper.ts';
import { FakeClock } from '../../../../support/fake-clock.ts';
import { noLog } from '../../../../support/node-no-log.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

const bench = async () => {
  const clock = new FakeClock();
  const node = { calls: 0, refuses: false, asked: [] as string[] };
  const ask = (what: string): Promise<void> => {
    node.asked.push(what);
    return node.refuses ? Promise.reject(new Error('refused')) : Promise.resolve();
  };
  const protection = {
    hold: (minutes: number) => ask(`hold ${String(minutes)}`),
    release: () => ask('release'),
  };
  const deps = { clock, log: noLog, protection, activeCalls: () => node.calls };
  new ProtectionKeeper(deps).start();
  await turn();
  const pass = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += SECOND_MS) {
      clock.advance(SECOND_MS);
      await turn();
    }
  };
  return { node, pass };
};
const HOLD = `hold ${String(PROTECTED_MIN)}`;

describe('SES-8: a node with live calls', () => {
  it('that has none asks for nothing', async () => {
    const { node, pass } = await bench();

    await pass(MINUTE_MS);

    expect(node.asked).toEqual([]);
  });

  it('asks once for protection, however many there are', async () => {
    const { node, pass } = await bench();

    node.calls = 1;
    await pass(2 * SECOND_MS);
    node.calls = 3;
    await pass(MINUTE_MS);

    expect(node.asked).toEqual([HOLD]);
  });

  it('renews protection before it lapses', async () => {
    const { node, pass } = await bench();

    node.calls = 1;
    await pass((PROTECTED_MIN + 1) * MINUTE_MS);

    expect(node.asked).toEqual([HOLD, HOLD, HOLD]);
  });

  it('lets it go with the last call, and asks anew for the next', async () => {
    const { node, pass } = await bench();

    node.calls = 1;
    await pass(SECOND_MS);
    node.calls = 0;
    await pass(MINUTE_MS);
    node.calls = 1;
    await pass(SECOND_MS);

    expect(node.asked).toEqual([HOLD, 'release', HOLD]);
  });

  it('asks again, not every second, when it was refused', async () => {
    const { node, pass } = await bench();

    node.refuses = true;
    node.calls = 1;
    await pass(20 * SECOND_MS);
    node.refuses = false;
    await pass(MINUTE_MS);

    expect(node.asked).toEqual([HOLD, HOLD, HOLD]);
  });

  it('takes back even what seemed to be refused', async () => {
    const { node, pass } = await bench();

    node.refuses = true;
    node.calls = 1;
    await pass(SECOND_MS);
    node.calls = 0;
    node.refuses = false;
    await pass(MINUTE_MS);

    expect(node.asked).toEqual([HOLD, 'release']);
  });
});

import { PacketBudget } from '../../../../../media-node/src/core/media/packet-budget.ts';

const taken = (budget: PacketBudget, packets: number, nowMs: number): number =>
  Array.from({ length: packets }, () => budget.take(nowMs)).filter(Boolean).length;

describe('SEC-4: the packets one source may send', () => {
  it('are a second of them at once, and then as many a second', () => {
    const budget = new PacketBudget(100, 0);

    expect(taken(budget, 500, 0)).toBe(100);
    expect(taken(budget, 500, 250)).toBe(25);
    expect(taken(budget, 500, 60_000)).toBe(100);
  });

  it('are no more for a clock that was set back', () => {
    const budget = new PacketBudget(100, 10_000);

    expect(taken(budget, 500, 10_000)).toBe(100);
    expect(taken(budget, 500, 0)).toBe(0);
    expect(taken(budget, 500, 100)).toBe(10);
  });
});

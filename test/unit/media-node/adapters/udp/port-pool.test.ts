import { PortPool } from '../../../../../media-node/src/adapters/udp/port-pool.ts';
import { FakeClock } from '../../../../support/fake-clock.ts';

function aPool(firstPort: number, lastPort: number, quarantineMs = 1000) {
  const clock = new FakeClock();
  return { clock, pool: new PortPool({ clock }, { firstPort, lastPort, quarantineMs }) };
}

describe('MED-12: the port pool', () => {
  it('hands out even ports whose odd neighbour is in the range too', () => {
    const { pool } = aPool(40_001, 40_006);

    expect([pool.take(), pool.take(), pool.take()]).toEqual([40_002, 40_004, undefined]);
  });

  it('lets a freed port rest, then hands it out after those free longer', () => {
    const { pool, clock } = aPool(40_000, 40_003);
    const first = pool.take() ?? 0;
    pool.give(first);
    const second = pool.take();
    const whileResting = pool.take();

    clock.advance(999);
    const almost = pool.take();
    clock.advance(1);

    expect(second).toBe(40_002);
    expect(whileResting).toBeUndefined();
    expect(almost).toBeUndefined();
    expect(pool.take()).toBe(40_000);
  });
});

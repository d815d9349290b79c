import { systemClock } from '../../../../../media-node/src/adapters/time/system-clock.ts';

describe('REG-8: the clock of a node', () => {
  it('does not run at once what is further off than a timer of Node can be', async () => {
    const ran: string[] = [];

    const cancel = systemClock.after(600_000_000_000, () => ran.push('in nineteen years'));
    await new Promise<void>((resolve) => {
      systemClock.after(20, () => {
        ran.push('soon');
        resolve();
      });
    });
    cancel();

    expect(ran).toEqual(['soon']);
  });
});

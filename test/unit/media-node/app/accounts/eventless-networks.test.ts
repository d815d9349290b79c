import { EventlessNetworks } from '../../../../../media-node/src/app/accounts/eventless-networks.ts';
import { FakeClock } from '../../../../support/fake-clock.ts';

const OURS = 't1|ims.test';

describe('REG-9: a network without registration events', () => {
  it.each([405, 489, 501])('is known by its %d for an hour, and no other with it', (status) => {
    const clock = new FakeClock();
    const eventless = new EventlessNetworks(clock);

    eventless.refused(OURS, status);

    expect(eventless.has(OURS)).toBe(true);
    expect(eventless.has('t2|ims.test')).toBe(false);
    clock.advance(3_600_000);
    expect(eventless.has(OURS)).toBe(false);
  });

  it.each([403, 404, 480, 'rejected'])('is not told by a %s, which is of one user', (why) => {
    const eventless = new EventlessNetworks(new FakeClock());

    eventless.refused(OURS, why);

    expect(eventless.has(OURS)).toBe(false);
  });
});

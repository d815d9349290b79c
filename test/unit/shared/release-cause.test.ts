import {
  causeOfStatus,
  RELEASE_CAUSES,
  statusOfCause,
  wordsFor,
} from '@isthmus/shared/domain/release-cause';

describe('the cause of a release', () => {
  it.each([
    [486, 'busy'],
    [600, 'busy'],
    [603, 'declined'],
    [404, 'not-found'],
    [604, 'not-found'],
    [480, 'unavailable'],
    [488, 'not-acceptable'],
    [503, 'network-failure'],
    [499, 'unavailable'],
  ])('of a %i is %s', (status, cause) => {
    expect(causeOfStatus(status)).toBe(cause);
  });

  it.each(RELEASE_CAUSES)('%s has words and a final status', (cause) => {
    expect(wordsFor(cause)).not.toBe('');
    expect(statusOfCause(cause)).toBeGreaterThanOrEqual(400);
  });
});

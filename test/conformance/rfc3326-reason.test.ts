import { causeOfHangUp, causeOfStatus } from '@isthmus/shared/domain/release-cause';
import { redirectionsOf } from '../../media-node/src/core/session/redirection.ts';
import { reasonsOf } from '../../media-node/src/core/sip/reason.ts';

describe('RFC 3326 §2 – SES-1, SES-4: Reason', () => {
  it.each([
    [['Q.850;cause=17;text="User busy"'], { q850: 17 }],
    [['SIP;cause=200;text="Call completed elsewhere"'], { sip: 200 }],
    [['SIP ;cause=480 ;text="x", Q.850;cause=20'], { sip: 480, q850: 20 }],
    [['sip;cause=603', 'q.850;text="a, b";cause=21'], { sip: 603 }],
    [['preemption;cause=1'], {}],
    [['Q.850'], {}],
    [[], {}],
  ])('%p', (values, expected) => {
    expect(reasonsOf(values)).toEqual(expected);
  });

  it.each([
    [480, 18, 'no-answer'],
    [480, 20, 'unavailable'],
    [480, 1, 'not-found'],
    [503, 17, 'busy'],
    [500, 16, 'network-failure'],
    [486, 18, 'busy'],
    [404, 17, 'not-found'],
    [480, undefined, 'unavailable'],
  ] as const)('a general %i with Q.850 %p is %s', (status, q850, cause) => {
    expect(causeOfStatus(status, q850)).toBe(cause);
  });

  it.each([
    [undefined, 'remote-hung-up'],
    [16, 'remote-hung-up'],
    [17, 'remote-hung-up'],
    [41, 'network-failure'],
    [38, 'network-failure'],
  ] as const)('BYE with Q.850 %p is %s', (q850, cause) => {
    expect(causeOfHangUp(q850)).toBe(cause);
  });

  it('every failure has a cause, known or not', () => {
    for (let status = 300; status < 700; status++)
      expect(causeOfStatus(status)).toMatch(/^[a-z-]+$/);
  });
});

describe('RFC 3261 §8.1.3.4 – SES-4: where a 3xx points', () => {
  it.each([
    [
      'by q, best first',
      ['<sip:a@x>;q=0.2', '<sip:b@x>', '<tel:+1>;q=0.7'],
      ['sip:b@x', 'tel:+1', 'sip:a@x'],
    ],
    ['only where a call can go', ['<mailto:a@x>', '<urn:service:sos>', '<sips:a@x>'], ['sips:a@x']],
    ['not by nonsense', ['*', '<>', '<sip:a@x>;q=9', '<sip:b@x>;q=x'], ['sip:a@x', 'sip:b@x']],
    ['nowhere', [], []],
  ])('%s', (_, contacts, expected) => {
    expect(redirectionsOf(contacts)).toEqual(expected);
  });
});

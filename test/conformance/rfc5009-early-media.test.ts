import { earlyMediaAfter, underPolicy } from '../../media-node/src/core/session/early-media.ts';
import { optionTagsOf, sessionPolicyOf } from '../../media-node/src/core/session/session-policy.ts';

const DEFAULT = sessionPolicyOf({});
const STRICT = sessionPolicyOf({ session: { earlyMedia: 'authorized-only' } });

describe('RFC 5009 §8 – SES-3: P-Early-Media of a provisional response', () => {
  it.each([
    [['sendrecv'], 'authorized'],
    [['sendonly'], 'authorized'],
    [['recvonly'], 'refused'],
    [['inactive'], 'refused'],
    [['SendRecv'], 'authorized'],
    [['gated, sendonly'], 'authorized'],
    [['inactive, sendrecv'], 'refused'],
    [['gated', 'sendrecv'], 'authorized'],
  ])('%p is %s', (values, expected) => {
    expect(earlyMediaAfter(undefined, values)).toBe(expected);
  });

  it.each([undefined, 'authorized', 'refused'] as const)(
    'without a direction the last word, %p, stands',
    (before) => {
      expect(earlyMediaAfter(before, [])).toBe(before);
      expect(earlyMediaAfter(before, ['supported'])).toBe(before);
      expect(earlyMediaAfter(before, ['nonsense,,'])).toBe(before);
    },
  );
});

describe('RFC 5009 – what the tenant makes of a network that says nothing', () => {
  it.each([
    ['believes it', DEFAULT, false, undefined],
    ['wants its word', STRICT, false, 'refused'],
    ['takes a description that only reserves as no tone', DEFAULT, true, 'refused'],
  ] as const)('%s', (_, policy, isConditional, expected) => {
    expect(underPolicy(undefined, policy, isConditional)).toBe(expected);
  });

  it.each(['authorized', 'refused'] as const)('never overrules the network’s %s', (said) => {
    expect(underPolicy(said, STRICT, true)).toBe(said);
  });
});

describe('SES-3: the settings of a tenant', () => {
  it('have the defaults of the RFCs', () => {
    expect(DEFAULT).toEqual({
      expiresS: 1800,
      minExpiresS: 90,
      preconditions: 'supported',
      earlyMedia: 'unless-refused',
      dtmf: 'rtp',
      redirects: 0,
      referNews: true,
      t1Ms: 500,
    });
  });

  it('without preconditions do not speak of them', () => {
    const off = sessionPolicyOf({ session: { preconditions: 'off' } });

    expect(optionTagsOf(DEFAULT)).toEqual(['100rel', 'precondition', 'replaces', 'timer']);
    expect(optionTagsOf(off)).toEqual(['100rel', 'replaces', 'timer']);
  });
});

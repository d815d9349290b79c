import {
  glareDelayMs,
  type OfferEvent,
  type OfferState,
  retryAfterS,
  stepOffer,
} from '../../media-node/src/core/session/offer-answer.ts';

const STATES: readonly OfferState[] = ['stable', 'ours-open', 'theirs-open'];
const TABLE: Readonly<Record<OfferEvent, Readonly<Record<OfferState, readonly [string, string]>>>> =
  {
    'our-offer-wanted': {
      stable: ['ours-open', 'go'],
      'ours-open': ['ours-open', 'wait'],
      'theirs-open': ['theirs-open', 'wait'],
    },
    'our-offer-answered': {
      stable: ['stable', 'go'],
      'ours-open': ['stable', 'go'],
      'theirs-open': ['theirs-open', 'go'],
    },
    'our-offer-refused': {
      stable: ['stable', 'go'],
      'ours-open': ['stable', 'go'],
      'theirs-open': ['theirs-open', 'go'],
    },
    'their-offer-received': {
      stable: ['theirs-open', 'go'],
      'ours-open': ['ours-open', 'request-pending'],
      'theirs-open': ['theirs-open', 'retry-later'],
    },
    'their-offer-answered': {
      stable: ['stable', 'go'],
      'ours-open': ['ours-open', 'go'],
      'theirs-open': ['stable', 'go'],
    },
    'their-offer-refused': {
      stable: ['stable', 'go'],
      'ours-open': ['ours-open', 'go'],
      'theirs-open': ['stable', 'go'],
    },
  };

const cells = (Object.keys(TABLE) as OfferEvent[]).flatMap((event) =>
  STATES.map((state) => ({ event, state, expected: TABLE[event][state] })),
);

describe('RFC 3311 §5 – SES-3, SES-4: one offer at a time in a dialog', () => {
  it.each(cells)('$event while $state', ({ event, state, expected: [next, verdict] }) => {
    expect(stepOffer(state, event)).toEqual({ state: next, verdict });
  });
});

describe('RFC 3261 §14.1 – SES-4: offers that crossed', () => {
  it.each([
    [true, 0, 2100],
    [true, 0.999_999, 3990],
    [false, 0, 0],
    [false, 0.999_999, 1990],
  ])('owner of the Call-ID: %s, chance %d → again after %i ms', (ownsCallId, random, ms) => {
    expect(glareDelayMs(ownsCallId, random)).toBe(ms);
  });

  it('waits in steps of 10 ms', () => {
    expect(glareDelayMs(true, 0.123_456) % 10).toBe(0);
    expect(glareDelayMs(false, 0.123_456) % 10).toBe(0);
  });

  it.each([
    [0, 0],
    [0.999_999, 10],
  ])('RFC 3311 §5.2: asks a peer that is too early to wait 0 to 10 s (%d → %i)', (random, s) => {
    expect(retryAfterS(random)).toBe(s);
  });
});

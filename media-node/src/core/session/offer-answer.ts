/** Whose offer is on its way in one dialog (RFC 3264 §4, RFC 6337 §2). */
export type OfferState = 'stable' | 'ours-open' | 'theirs-open';

export type OfferEvent =
  | 'our-offer-wanted'
  | 'our-offer-answered'
  | 'our-offer-refused'
  | 'their-offer-received'
  | 'their-offer-answered'
  | 'their-offer-refused';

export type OfferVerdict =
  | 'go'
  /** Ours would cross theirs: not now. */
  | 'wait'
  /** Theirs crosses ours: 491 (RFC 3261 §14.2, RFC 3311 §5.2). */
  | 'request-pending'
  /** Theirs comes before the last of theirs is answered: 500 with Retry-After (same clauses). */
  | 'retry-later';

export interface OfferStep {
  readonly state: OfferState;
  readonly verdict: OfferVerdict;
}

const STABLE: OfferStep = { state: 'stable', verdict: 'go' };

export function stepOffer(state: OfferState, event: OfferEvent): OfferStep {
  switch (event) {
    case 'our-offer-wanted':
      return state === 'stable'
        ? { state: 'ours-open', verdict: 'go' }
        : { state, verdict: 'wait' };
    case 'their-offer-received':
      return receive(state);
    case 'our-offer-answered':
    case 'our-offer-refused':
      return state === 'ours-open' ? STABLE : { state, verdict: 'go' };
    case 'their-offer-answered':
    case 'their-offer-refused':
      return state === 'theirs-open' ? STABLE : { state, verdict: 'go' };
  }
}

function receive(state: OfferState): OfferStep {
  switch (state) {
    case 'stable':
      return { state: 'theirs-open', verdict: 'go' };
    case 'ours-open':
      return { state, verdict: 'request-pending' };
    case 'theirs-open':
      return { state, verdict: 'retry-later' };
  }
}

/** RFC 3261 §14.1: 2.1 to 4 s for who owns the Call-ID, else 0 to 2 s, in steps of 10 ms. */
export const glareDelayMs = (ownsCallId: boolean, random: number): number =>
  ownsCallId ? 2100 + Math.floor(random * 190) * 10 : Math.floor(random * 200) * 10;

/** RFC 3311 §5.2: a random number of seconds between 0 and 10. */
export const retryAfterS = (random: number): number => Math.floor(random * 11);

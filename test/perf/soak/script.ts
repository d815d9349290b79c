import type { ReleaseCause } from '@isthmus/shared/domain/release-cause';
import type { Chance } from './chance.ts';
import type { SoakPlan } from './plan.ts';

export const OUTCOMES = {
  outgoing: ['talk', 'busy', 'declined', 'unavailable', 'cancelled'],
  incoming: ['talk', 'declined', 'cancelled'],
} as const;

/** What may happen in a conversation. */
export const FEATURES = [
  'update',
  'held by IMS',
  'held by the SDK',
  'keys of IMS',
  'keys of the SDK',
  'messages',
  'socket lost',
] as const;
export type Feature = (typeof FEATURES)[number];

/** What becomes of one call, decided before it is made. */
export interface CallScript {
  readonly direction: 'outgoing' | 'incoming';
  readonly outcome: 'talk' | 'busy' | 'declined' | 'unavailable' | 'cancelled';
  /** RTP payload type the phone of IMS speaks: PCMU, PCMA or G.722. */
  readonly codec: 0 | 8 | 9;
  /** Outgoing: 183 with SDP before the answer. */
  readonly earlyMedia: boolean;
  /** Outgoing: provisional responses are acknowledged (RFC 3262). */
  readonly reliable: boolean;
  /** Incoming: the INVITE has no SDP. */
  readonly offerless: boolean;
  readonly sessionTimer: boolean;
  readonly features: readonly Feature[];
  readonly ringMs: number;
  readonly talkMs: number;
  /** Or the SDK hands the phone of IMS on, unannounced. */
  readonly ending: 'near' | 'far' | 'handed on';
}

export function drawScript(chance: Chance, { talkMs }: Pick<SoakPlan, 'talkMs'>): CallScript {
  const direction = chance.pick([
    ['outgoing', 3],
    ['incoming', 2],
  ] as const);
  const outcome =
    direction === 'outgoing'
      ? chance.pick([
          ['talk', 70],
          ['busy', 8],
          ['declined', 7],
          ['unavailable', 5],
          ['cancelled', 10],
        ] as const)
      : chance.pick([
          ['talk', 80],
          ['declined', 10],
          ['cancelled', 10],
        ] as const);
  return {
    ...{ direction, outcome },
    codec: chance.pick([
      [8, 2],
      [0, 1],
      [9, 1],
    ] as const),
    earlyMedia: chance.isLucky(0.4),
    reliable: chance.isLucky(0.4),
    offerless: chance.isLucky(0.1),
    sessionTimer: chance.isLucky(0.5),
    features: FEATURES.filter(() => chance.isLucky(0.15)),
    ringMs: chance.between(50, 800),
    talkMs: chance.between(talkMs.from, talkMs.to),
    ending: chance.pick([
      ['near', 4],
      ['far', 4],
      ['handed on', 1],
    ] as const),
  };
}

const ENDINGS = {
  near: 'hung-up',
  far: 'remote-hung-up',
  'handed on': 'transferred',
} as const;

/** What the record of such a call is to say. */
export function causeOf({ outcome, ending }: CallScript): ReleaseCause {
  return outcome === 'talk' ? ENDINGS[ending] : outcome;
}

/** In a few words, for who reads of a call that failed. */
export function wordsOf(script: CallScript): string {
  const { direction, outcome, codec, features, ending } = script;
  const said = (['earlyMedia', 'reliable', 'offerless', 'sessionTimer'] as const).filter(
    (name) => script[name],
  );
  return [direction, outcome, `codec ${String(codec)}`, ...said, ...features, ending].join(', ');
}

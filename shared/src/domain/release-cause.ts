/** Why a call ended, as the user of the browser side sees it. */
export const RELEASE_CAUSES = [
  'hung-up',
  'remote-hung-up',
  'cancelled',
  'busy',
  'no-answer',
  'declined',
  'not-found',
  'unavailable',
  'forbidden',
  'not-acceptable',
  'answered-elsewhere',
  'media-lost',
  'network-failure',
  'internal-error',
] as const;

export type ReleaseCause = (typeof RELEASE_CAUSES)[number];

const WORDS: Readonly<Record<ReleaseCause, string>> = {
  'hung-up': 'hung up',
  'remote-hung-up': 'hung up',
  cancelled: 'cancelled',
  busy: 'busy',
  'no-answer': 'no answer',
  declined: 'declined',
  'not-found': 'not found',
  unavailable: 'unavailable',
  forbidden: 'not allowed',
  'not-acceptable': 'no common codec',
  'answered-elsewhere': 'answered on another device',
  'media-lost': 'connection lost',
  'network-failure': 'network failure',
  'internal-error': 'internal error',
};

/** The cause in the words a user understands: `Call ended: busy`. */
export const wordsFor = (cause: ReleaseCause): string => WORDS[cause];

const BY_STATUS: Readonly<Record<number, ReleaseCause>> = {
  401: 'forbidden',
  403: 'forbidden',
  404: 'not-found',
  406: 'not-acceptable',
  408: 'no-answer',
  410: 'not-found',
  415: 'not-acceptable',
  480: 'unavailable',
  484: 'not-found',
  486: 'busy',
  487: 'cancelled',
  488: 'not-acceptable',
  600: 'busy',
  603: 'declined',
  604: 'not-found',
  606: 'not-acceptable',
};

/** Final failure status of an INVITE → cause (RFC 3261 §21.4 to §21.6). */
export function causeOfStatus(status: number): ReleaseCause {
  const known = BY_STATUS[status];
  if (known) return known;
  return status >= 500 ? 'network-failure' : 'unavailable';
}

const STATUS: Readonly<Partial<Record<ReleaseCause, number>>> = {
  busy: 486,
  declined: 603,
  'no-answer': 480,
  unavailable: 480,
  'not-found': 404,
  forbidden: 403,
  'not-acceptable': 488,
  'internal-error': 500,
  'network-failure': 503,
  'media-lost': 503,
  cancelled: 487,
};

/** Cause → the final status that refuses an incoming INVITE. */
export const statusOfCause = (cause: ReleaseCause): number => STATUS[cause] ?? 480;

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
  'transferred',
  'media-lost',
  'client-lost',
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
  transferred: 'transferred',
  'media-lost': 'connection lost',
  'client-lost': 'connection lost',
  'network-failure': 'network failure',
  'internal-error': 'internal error',
};

/** The cause in the words a user understands: `Call ended: busy`. */
export const wordsFor = (cause: ReleaseCause): string => WORDS[cause];

/** Every final failure that RFC 3261 §21 and its extensions know, each once. */
const BY_STATUS: Readonly<Record<number, ReleaseCause>> = {
  400: 'network-failure',
  401: 'forbidden',
  402: 'forbidden',
  403: 'forbidden',
  404: 'not-found',
  405: 'network-failure',
  406: 'not-acceptable',
  407: 'forbidden',
  408: 'no-answer',
  410: 'not-found',
  413: 'network-failure',
  414: 'network-failure',
  415: 'not-acceptable',
  416: 'not-found',
  420: 'not-acceptable',
  421: 'not-acceptable',
  422: 'not-acceptable',
  423: 'network-failure',
  428: 'forbidden',
  433: 'forbidden',
  436: 'forbidden',
  437: 'forbidden',
  438: 'forbidden',
  439: 'network-failure',
  440: 'network-failure',
  470: 'forbidden',
  480: 'unavailable',
  481: 'network-failure',
  482: 'network-failure',
  483: 'network-failure',
  484: 'not-found',
  485: 'not-found',
  486: 'busy',
  487: 'cancelled',
  488: 'not-acceptable',
  489: 'network-failure',
  491: 'network-failure',
  493: 'not-acceptable',
  494: 'network-failure',
  580: 'not-acceptable',
  600: 'busy',
  603: 'declined',
  604: 'not-found',
  606: 'not-acceptable',
  607: 'declined',
  608: 'declined',
};

/** ITU-T Q.850 causes that say more than a general SIP status; 16, normal, says nothing. */
const BY_Q850: Readonly<Record<number, ReleaseCause>> = {
  1: 'not-found',
  2: 'network-failure',
  3: 'not-found',
  17: 'busy',
  18: 'no-answer',
  19: 'no-answer',
  20: 'unavailable',
  21: 'declined',
  22: 'not-found',
  26: 'answered-elsewhere',
  27: 'unavailable',
  28: 'not-found',
  34: 'network-failure',
  38: 'network-failure',
  41: 'network-failure',
  42: 'network-failure',
  47: 'network-failure',
  50: 'forbidden',
  55: 'forbidden',
  57: 'forbidden',
  58: 'not-acceptable',
  65: 'not-acceptable',
  79: 'not-acceptable',
  87: 'forbidden',
  88: 'not-acceptable',
  102: 'no-answer',
  127: 'network-failure',
};

/** Statuses of these leave open what happened; a Reason may know better (RFC 3326 §1). */
const GENERAL: ReadonlySet<ReleaseCause> = new Set(['unavailable', 'network-failure']);

/** Final failure of an INVITE → cause; `q850` of its Reason header, where it has one. */
export function causeOfStatus(status: number, q850?: number): ReleaseCause {
  const bySip = BY_STATUS[status] ?? (status >= 500 ? 'network-failure' : 'unavailable');
  if (!GENERAL.has(bySip)) return bySip;
  return (q850 === undefined ? undefined : BY_Q850[q850]) ?? bySip;
}

/** Reason of the BYE that ended a call: a user hung up, unless the network says it did. */
export const causeOfHangUp = (q850: number | undefined): ReleaseCause =>
  q850 !== undefined && BY_Q850[q850] === 'network-failure' ? 'network-failure' : 'remote-hung-up';

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

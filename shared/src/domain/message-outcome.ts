/** What became of a message, as its sender is told. */
export const MESSAGE_OUTCOMES = [
  'delivered',
  'accepted',
  'unavailable',
  'not-found',
  'refused',
  'too-large',
  'unanswered',
  'failed',
] as const;

export type MessageOutcome = (typeof MESSAGE_OUTCOMES)[number];

const WORDS: Readonly<Record<MessageOutcome, string>> = {
  delivered: 'delivered',
  accepted: 'sent',
  unavailable: 'not reachable now',
  'not-found': 'not found',
  refused: 'not accepted',
  'too-large': 'too long',
  unanswered: 'no answer',
  failed: 'not sent',
};

export const wordsForMessage = (outcome: MessageOutcome): string => WORDS[outcome];

const BY_STATUS: Readonly<Record<number, MessageOutcome>> = {
  // RFC 3428 §7: somebody on the way will see to it.
  202: 'accepted',
  404: 'not-found',
  408: 'unanswered',
  410: 'not-found',
  413: 'too-large',
  416: 'not-found',
  480: 'unavailable',
  484: 'not-found',
  486: 'unavailable',
  504: 'unanswered',
  513: 'too-large',
  600: 'unavailable',
  604: 'not-found',
};

/** Final answer to a MESSAGE → what its sender is told. */
export function outcomeOfStatus(status: number): MessageOutcome {
  if (status >= 200 && status < 300) return BY_STATUS[status] ?? 'delivered';
  return BY_STATUS[status] ?? (status >= 500 && status < 600 ? 'failed' : 'refused');
}

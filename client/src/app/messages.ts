import type { MessageOutcome } from '@isthmus/shared/domain/message-outcome';
import type { EventOf } from '@isthmus/shared/wire/events';
import { asPhoneError, PhoneError, phoneError } from '../core/phone-error.ts';
import type { Ids } from '../ports/ids.ts';
import type { Party } from './call.ts';
import type { RequestChannel } from './request-channel.ts';

/** What somebody wrote to us. */
export interface PhoneMessage {
  readonly id: string;
  readonly from: Party;
  readonly text: string;
}

/** `delivered`: a device of the other side has it; `accepted`: the network sees to it. */
export interface Delivery {
  readonly outcome: Extract<MessageOutcome, 'delivered' | 'accepted'>;
}

export interface MessageOptions {
  /** Hides who writes; `false` shows it where the subscription hides it. */
  readonly privacy?: boolean;
}

export interface Messages {
  /** Rejects with a `PhoneError` that says why it did not arrive. */
  send(target: string, text: string, options?: MessageOptions): Promise<Delivery>;
  settled(event: EventOf<'message.settled'>): void;
  /** The session is over: what became of the others is never known. */
  abandon(): void;
}

interface Waiting {
  readonly resolve: (delivery: Delivery) => void;
  readonly reject: (error: PhoneError) => void;
}

export function createMessages(deps: {
  readonly ids: Ids;
  readonly ask: RequestChannel['ask'];
}): Messages {
  const waiting = new Map<string, Waiting>();
  const taken = (messageId: string): Waiting | undefined => {
    const found = waiting.get(messageId);
    waiting.delete(messageId);
    return found;
  };
  return {
    send: (target, text, options = {}) =>
      new Promise((resolve, reject) => {
        const messageId = deps.ids.next();
        // The event may overtake the answer to the request.
        waiting.set(messageId, { resolve, reject });
        deps
          .ask<'message.send'>({ action: 'message.send', messageId, target, text, ...options })
          .catch((thrown: unknown) => {
            taken(messageId)?.reject(asPhoneError(thrown, 'connection.lost'));
          });
      }),
    settled({ messageId, outcome, text }) {
      const sender = taken(messageId);
      if (outcome === 'delivered' || outcome === 'accepted') sender?.resolve({ outcome });
      else sender?.reject(undelivered(outcome, text));
    },
    abandon() {
      for (const id of [...waiting.keys()]) taken(id)?.reject(phoneError('request.abandoned'));
    },
  };
}

const undelivered = (outcome: string, words: string): PhoneError =>
  new PhoneError({
    code: `message.${outcome}`,
    message: `The message did not arrive: ${words}.`,
    retryable: outcome !== 'not-found' && outcome !== 'too-large',
  });

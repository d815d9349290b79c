import type { AnswerOf } from '@isthmus/shared/wire/answers';
import type { Action, RequestOf } from '@isthmus/shared/wire/requests';
import { PhoneError, type PhoneErrorView, phoneError } from '../core/phone-error.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { Socket } from '../ports/socket.ts';

/** Of each form of a message by itself: `Omit` of a union keeps only what all forms share. */
type WithoutId<R> = R extends unknown ? Omit<R, 'id'> : never;
export type Ask<A extends Action> = A extends Action ? WithoutId<RequestOf<A>> : never;

export interface RequestChannel {
  /** Sends over `via`, or over whatever socket carries us, now or as soon as there is one. */
  readonly ask: <A extends Action>(request: Ask<A>, via?: Socket) => Promise<AnswerOf<A>>;
  /** The socket that carries us from now on; what waits for an answer is repeated there. */
  carry(socket: Socket | undefined): void;
  /** True for the answer to a request, even to one that waits no more. */
  take(frame: Readonly<Record<string, unknown>>): boolean;
  /** A socket is gone: what was to be answered over it alone will not be. */
  lose(socket: Socket): void;
  abandonAll(): void;
}

interface Waiting {
  readonly text: string;
  readonly via: Socket | undefined;
  readonly grant: (answer: unknown) => void;
  readonly refuse: (error: PhoneError) => void;
  sent: number;
  stopTimer: () => void;
}

/** Functions start cold; what takes longer than this was lost on its way. */
const ANSWER_MS = 5_000;
/** A repeated id gets the same answer, so repeating does no harm. */
const SENDINGS = 3;

export function createRequestChannel(clock: Clock, ids: Ids): RequestChannel {
  const waiting = new Map<string, Waiting>();
  let current: Socket | undefined;

  const settle = (id: string): Waiting | undefined => {
    const request = waiting.get(id);
    request?.stopTimer();
    waiting.delete(id);
    return request;
  };
  const transmit = (id: string, request: Waiting): void => {
    request.stopTimer();
    const socket = request.via ?? current;
    if (!socket) return;
    if (request.sent >= SENDINGS) {
      settle(id)?.refuse(phoneError('request.unanswered'));
      return;
    }
    request.sent += 1;
    socket.send(request.text);
    request.stopTimer = clock.after(ANSWER_MS, () => {
      transmit(id, request);
    });
  };
  return {
    ask: <A extends Action>(request: Ask<A>, via?: Socket) =>
      new Promise<AnswerOf<A>>((resolve, reject) => {
        const id = ids.next();
        const text = JSON.stringify({ id, ...request });
        const grant = resolve as (answer: unknown) => void;
        const stopTimer = (): void => undefined;
        const it: Waiting = { text, via, grant, refuse: reject, sent: 0, stopTimer };
        waiting.set(id, it);
        transmit(id, it);
      }),
    carry(socket) {
      current = socket;
      for (const [id, request] of waiting) {
        if (request.via) continue;
        request.sent = 0;
        transmit(id, request);
      }
    },
    take(frame) {
      if (typeof frame['re'] !== 'string') return false;
      const request = settle(frame['re']);
      if ('error' in frame) request?.refuse(new PhoneError(frame['error'] as PhoneErrorView));
      else request?.grant(frame['ok']);
      return true;
    },
    lose(socket) {
      for (const [id, request] of waiting) {
        if (request.via === socket) settle(id)?.refuse(phoneError('connection.lost'));
      }
    },
    abandonAll() {
      current = undefined;
      for (const id of [...waiting.keys()]) settle(id)?.refuse(phoneError('request.abandoned'));
    },
  };
}

import {
  type MessageOutcome,
  outcomeOfStatus,
  wordsForMessage,
} from '@isthmus/shared/domain/message-outcome';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import { messagePolicy } from '@isthmus/shared/store/message-policy';
import type { RequestOf } from '@isthmus/shared/wire/requests';
import { allowCall } from '../../core/call/outgoing-policy.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import type { Log } from '../../ports/log.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { IncomingMessage, MessageFate } from '../../ports/pager-message.ts';
import { type Session, tell } from '../sessions/session.ts';
import { RecentAnswers } from './recent-answers.ts';

export interface MessageDeskDeps {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'count'>;
}

const OK = 200;
const ACCEPTED = 202;
const NOT_FOUND = 404;
const UNAVAILABLE = 480;
const SERVER_ERROR = 500;

/** Messages between the users of this node and IMS (RFC 3428). */
export class MessageDesk {
  readonly #deps: MessageDeskDeps;
  readonly #recent: RecentAnswers;

  constructor(deps: MessageDeskDeps) {
    this.#deps = deps;
    this.#recent = new RecentAnswers(deps.clock);
  }

  /** Taken on: what becomes of it is told as an event. Throws the reason why not. */
  send(session: Session, request: RequestOf<'message.send'>): Record<string, unknown> {
    const { line, tenant } = session;
    if (!line) throw new IwfError('registration.pending', { sessionId: session.sessionId });
    const allowed = allowCall({ target: request.target }, tenant);
    if (!allowed.ok) throw allowed.error;
    const { accessNetworkInfo, isEmergency, target } = allowed.value;
    // An emergency centre is called; nobody there reads what is written to it.
    if (isEmergency) throw new IwfError('call.emergency-refused', {});
    const { maxBytes } = messagePolicy.parse(tenant.messages ?? {});
    const sent = line.account.message({
      ...{ identity: line.identity, target, text: request.text, maxBytes },
      ...(request.privacy !== undefined && { privacy: request.privacy }),
      ...(accessNetworkInfo !== undefined && { accessNetworkInfo }),
    });
    void sent.then((fate) => {
      this.#settled(session, request.messageId, fate);
    });
    return {};
  }

  /** `devices`: of whom it is for; undefined where that is nobody. */
  receive(
    message: IncomingMessage,
    whose: () => Promise<readonly Session[] | undefined>,
  ): Promise<void> {
    const key = [message.tenant, message.calledImpu, message.key].join(' ');
    return this.#recent
      .answerOf(key, () => this.#take(message, whose))
      .then((status) => {
        message.answer(status);
      });
  }

  async #take(
    message: IncomingMessage,
    whose: () => Promise<readonly Session[] | undefined>,
  ): Promise<number> {
    const status = await this.#delivered(message, whose);
    const outcome = outcomeOfStatus(status);
    this.#deps.metrics.count('messages', { direction: 'incoming', outcome });
    return status;
  }

  async #delivered(
    { from, tenant, text }: IncomingMessage,
    whose: () => Promise<readonly Session[] | undefined>,
  ): Promise<number> {
    try {
      const devices = await whose();
      if (!devices) return NOT_FOUND;
      const messageId = this.#deps.ids.uuid();
      const told = { event: 'message.incoming', messageId, from, text } as const;
      const fates = await Promise.all(
        devices.filter(takes).map(({ channel }) => channel.deliver(told)),
      );
      if (fates.includes('posted')) return OK;
      return fates.includes('kept') ? ACCEPTED : UNAVAILABLE;
    } catch (cause) {
      this.#deps.log.error('a message could not be delivered', { tenant, cause });
      return SERVER_ERROR;
    }
  }

  #settled(session: Session, messageId: string, fate: MessageFate): void {
    const outcome = outcomeOf(fate);
    this.#deps.metrics.count('messages', { direction: 'outgoing', outcome });
    tell(session, {
      ...{ event: 'message.settled', messageId, outcome, text: wordsForMessage(outcome) },
      ...(fate.kind === 'message-answered' && { sipStatus: fate.status }),
    });
  }
}

/** One whose WebSocket is lost is told when it is back, where the tenant wants that. */
const takes = ({ channel, tenant }: Session): boolean =>
  channel.connection !== undefined || tenant.messages?.whenAway === 'keep';

function outcomeOf(fate: MessageFate): MessageOutcome {
  if (fate.kind === 'message-answered') return outcomeOfStatus(fate.status);
  return fate.kind === 'message-too-large' ? 'too-large' : 'unanswered';
}

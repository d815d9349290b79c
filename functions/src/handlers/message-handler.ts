import type { ConnectionId } from '@isthmus/shared/domain/ids';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import type { Action, RequestOf } from '@isthmus/shared/wire/requests';
import middy from '@middy/core';
import type { LambdaHandler } from '../middleware/gateway-event.ts';
import { mapError } from '../middleware/map-error.ts';
import { type Message, parseMessage } from '../middleware/parse-message.ts';
import { type RefusalDeps, refusalOf } from '../middleware/refusal.ts';
import { withLog } from '../middleware/with-log.ts';
import type { Log, LogScope } from '../ports/log.ts';
import { type OnceDeps, once } from '../use-cases/once.ts';

export interface MessageHandlerDeps extends RefusalDeps, OnceDeps {
  readonly log: Log & LogScope;
}

type Work<A extends Action> = (
  connection: ConnectionId,
  request: RequestOf<A>,
) => Promise<Readonly<Record<string, unknown>>>;

/** What one Lambda does about each action that is routed to it. */
export type Routes = { readonly [A in Action]?: Work<A> };

/** These do no harm twice: the node answers a repeated command as before, `resume` only reads on. */
const isRepeatable = (action: Action): boolean => action === 'resume' || action.startsWith('call.');

/** A Lambda that answers messages with `{ re, ok }` or `{ re, error }`, whatever happens. */
export function createMessageHandler(deps: MessageHandlerDeps, routes: Routes): LambdaHandler {
  const answering = middy({ timeoutEarlyInMillis: 0 })
    .use(mapError(deps))
    .use(parseMessage())
    .handler(async (event) => {
      // `parseMessage` has put the message in the place of the event.
      const { connection, request, tenantId } = event as Message;
      const work = workFor(routes, request.action);
      const answer = () => answerTo(deps, request.id, () => work(connection, request));
      deps.metrics.count('requests', { action: request.action });
      const name = { tenantId, connection, requestId: request.id };
      const body = isRepeatable(request.action) ? await answer() : await once(deps, name, answer);
      return { statusCode: 200, body };
    });
  return withLog(deps.log, (event, context) => answering(event, context as never));
}

function workFor(routes: Routes, action: Action): Work<Action> {
  // The route of an action takes the request of that very action: TypeScript cannot see it.
  const work = routes[action] as Work<Action> | undefined;
  if (!work) throw new IwfError('wire.unknown-action', { action });
  return work;
}

async function answerTo(
  deps: MessageHandlerDeps,
  re: string,
  work: () => Promise<Readonly<Record<string, unknown>>>,
): Promise<string> {
  try {
    return JSON.stringify({ re, ok: await work() });
  } catch (thrown) {
    return refusalOf(deps, re, thrown);
  }
}

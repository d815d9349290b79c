import { attachAnswer } from '@isthmus/shared/control/answers';
import { connectionId, sessionId } from '@isthmus/shared/domain/ids';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import type { ConnectionItem, SessionItem } from '@isthmus/shared/store/items';
import type { AnswerOf } from '@isthmus/shared/wire/answers';
import { anyEvent } from '@isthmus/shared/wire/events';
import type { RequestOf } from '@isthmus/shared/wire/requests';
import type { Clock } from '../ports/clock.ts';
import type { KeyMint } from '../ports/key-mint.ts';
import { type AskOwnerDeps, askOwner } from './ask-node.ts';
import type { AuthoriseDeps } from './authorise-command.ts';
import { errorOfNode } from './node-error.ts';
import { sessionTtl } from './session-life.ts';

export interface ResumeDeps extends AuthoriseDeps, AskOwnerDeps {
  readonly mint: KeyMint;
  readonly clock: Clock;
}

export type Resume = (
  connection: ConnectionItem,
  request: RequestOf<'resume'>,
) => Promise<AnswerOf<'resume'>>;

/** A WebSocket message carries at most 128 KB; what is left over is fetched by another `resume`. */
const REPLAY_LIMIT_BYTES = 96 * 1024;

/** Attaches a session to a new connection and replays what its client has not seen (SES-8). */
export const createResume =
  (deps: ResumeDeps): Resume =>
  async (connection, request) => {
    const session = await sessionClaimed(deps, connection, request);
    const id = sessionId(session.sessionId);
    const socket = connectionId(connection.connectionId);
    const isLive = await deps.sessions.move(id, socket, sessionTtl(deps.clock.nowMs()));
    if (!isLive) throw new IwfError('session.ended', { sessionId: id });
    if (!(await deps.connections.attach(socket, id))) throw new IwfError('session.none', {});
    const iceServers = await attachAtNode(deps, session, { connection, request });
    // Read after the node has attached: later events go to the new connection directly.
    const stored = await deps.sessions.eventsAfter(id, request.lastSeq, REPLAY_LIMIT_BYTES);
    const events = stored.map(({ json }) => anyEvent.parse(JSON.parse(json)));
    return { events, ...(iceServers && { iceServers }) };
  };

/** An unknown session, another tenant's and a wrong key are told apart by nobody. */
async function sessionClaimed(
  deps: ResumeDeps,
  connection: ConnectionItem,
  request: RequestOf<'resume'>,
): Promise<SessionItem> {
  const session = await deps.sessions.get(sessionId(request.sessionId));
  const isOwn =
    session?.tenantId === connection.tenantId &&
    deps.mint.fits(request.resumeKey, session.resumeKeySha256);
  if (!isOwn) throw new IwfError('session.foreign', { sessionId: request.sessionId });
  return session;
}

async function attachAtNode(
  deps: ResumeDeps,
  session: SessionItem,
  { connection, request }: { connection: ConnectionItem; request: RequestOf<'resume'> },
): Promise<AnswerOf<'resume'>['iceServers']> {
  const { answer, nodeId } = await askOwner(deps, session, {
    kind: 'attach',
    commandId: `${session.sessionId}:${connection.connectionId}:${request.id}`,
    tenant: session.tenantId,
    sessionId: session.sessionId,
    connectionId: connection.connectionId,
  });
  if ('ok' in answer) return attachAnswer.parse(answer.ok).iceServers;
  const error = errorOfNode(nodeId, answer.error);
  if (error.code === 'session.ended') await deps.sessions.end(sessionId(session.sessionId));
  throw error;
}

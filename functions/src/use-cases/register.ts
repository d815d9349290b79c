import { registerAnswer } from '@isthmus/shared/control/answers';
import type { RegisterCommand } from '@isthmus/shared/control/commands';
import { connectionId, sessionId } from '@isthmus/shared/domain/ids';
import { IwfError, isIwfError } from '@isthmus/shared/errors/iwf-error';
import type { ConnectionItem, NodeItem, SessionItem } from '@isthmus/shared/store/items';
import type { AnswerOf } from '@isthmus/shared/wire/answers';
import type { RequestOf } from '@isthmus/shared/wire/requests';
import type { Clock } from '../ports/clock.ts';
import type { ControlOutcome } from '../ports/node-control.ts';
import { tell } from './ask-node.ts';
import { type EndSessionDeps, endSession } from './log-out.ts';
import { errorOfNode } from './node-error.ts';
import { sessionTtl } from './session-life.ts';
import { type Subscriber, type SubscriberDeps, subscriberOf } from './subscriber-of.ts';

export interface RegisterDeps extends SubscriberDeps, EndSessionDeps {
  readonly clock: Clock;
}

export type Register = (
  connection: ConnectionItem,
  request: RequestOf<'register'>,
) => Promise<AnswerOf<'register'>>;

interface Attempt {
  readonly connection: ConnectionItem;
  readonly requestId: string;
  readonly subscriber: Subscriber;
  readonly resumeKeySha256: string;
  readonly device?: string;
}

/** Registers in IMS through a media node; how it went comes from the node as an event. */
export const createRegister =
  (deps: RegisterDeps): Register =>
  async (connection, request) => {
    const subscriber = await subscriberOf(deps, connection, request);
    await endFormer(deps, connection);
    const { key: resumeKey, sha256: resumeKeySha256 } = deps.mint.mint();
    const { id: requestId, device } = request;
    const attempt = {
      ...{ connection, requestId, subscriber, resumeKeySha256 },
      ...(device !== undefined && { device }),
    };
    const placed = await onOwner(deps, attempt);
    await attach(deps, placed, attempt);
    const { iceServers, session } = placed;
    return { sessionId: session.sessionId, resumeKey, iceServers };
  };

interface Placed {
  readonly session: SessionItem;
  readonly node: NodeItem;
  readonly iceServers: AnswerOf<'register'>['iceServers'];
}

/** A connection carries one session: who registers again on it leaves the former one. */
async function endFormer(deps: RegisterDeps, connection: ConnectionItem): Promise<void> {
  if (connection.sessionId === undefined) return;
  const former = await deps.sessions.get(sessionId(connection.sessionId));
  const isOurs = former?.connectionId === connection.connectionId && former.state === 'live';
  if (isOurs) await endSession(deps, former);
}

/** Two devices of one user may come at once, and only one of the nodes asked has the registration. */
async function onOwner(deps: RegisterDeps, attempt: Attempt): Promise<Placed> {
  try {
    return await onOneOf(deps, attempt);
  } catch (error) {
    if (!isIwfError(error, 'registration.elsewhere')) throw error;
    const nodes = await attempt.subscriber.placeAgain();
    return onOneOf(deps, { ...attempt, subscriber: { ...attempt.subscriber, nodes } });
  }
}

/** The next node is asked only when the one before has certainly not taken the session on. */
async function onOneOf(deps: RegisterDeps, attempt: Attempt): Promise<Placed> {
  let failure: IwfError = new IwfError('node.unavailable', { nodeId: 'none' });
  for (const node of attempt.subscriber.nodes) {
    const session = sessionFor(deps, attempt, node);
    await deps.sessions.create(session);
    const outcome = await tell(deps.control, node, commandFor(attempt, session));
    if (outcome.kind === 'answered' && 'ok' in outcome.answer) {
      return { session, node, iceServers: registerAnswer.parse(outcome.answer.ok).iceServers };
    }
    await abandon(deps, { node, session, outcome });
    failure = failureOf(node, outcome);
    if (!mayTryAnother(outcome)) break;
  }
  throw failure;
}

const sessionFor = (
  deps: RegisterDeps,
  { connection, device, resumeKeySha256, subscriber }: Attempt,
  node: NodeItem,
): SessionItem => ({
  sessionId: deps.mint.uuid(),
  tenantId: subscriber.tenant,
  userName: subscriber.userName,
  option: subscriber.option,
  ...(device !== undefined && { device }),
  resumeKeySha256,
  connectionId: connection.connectionId,
  nodeId: node.nodeId,
  nodeEpoch: node.epoch,
  state: 'live',
  ttl: sessionTtl(deps.clock.nowMs()),
});

const commandFor = (
  { connection, requestId, subscriber }: Attempt,
  session: SessionItem,
): RegisterCommand => ({
  kind: 'register',
  commandId: `${session.sessionId}:${requestId}`,
  tenant: subscriber.tenant,
  sessionId: session.sessionId,
  connectionId: connection.connectionId,
  userName: subscriber.userName,
  option: subscriber.option,
  ...(session.device !== undefined && { device: session.device }),
  subscriber: subscriber.identity,
});

function mayTryAnother(outcome: ControlOutcome): boolean {
  if (outcome.kind === 'unreached') return true;
  if (outcome.kind === 'unknown' || 'ok' in outcome.answer) return false;
  return ['node.draining', 'node.at-capacity'].includes(outcome.answer.error.code);
}

function failureOf(node: NodeItem, outcome: ControlOutcome): IwfError {
  if (outcome.kind === 'answered' && 'error' in outcome.answer) {
    return errorOfNode(node.nodeId, outcome.answer.error);
  }
  const cause = outcome.kind === 'answered' ? undefined : outcome.reason;
  return new IwfError('node.unavailable', { nodeId: node.nodeId }, { cause });
}

interface Abandoned {
  readonly node: NodeItem;
  readonly session: SessionItem;
  readonly outcome: ControlOutcome;
}

/** A node that may have taken the session on is told that nobody wants it; whether it hears or not. */
async function abandon(deps: RegisterDeps, { node, outcome, session }: Abandoned): Promise<void> {
  await deps.sessions.end(sessionId(session.sessionId));
  if (outcome.kind !== 'unknown') return;
  const { sessionId: id, tenantId: tenant } = session;
  const commandId = `${id}:unregister`;
  await deps.control.send(node, { kind: 'unregister', commandId, tenant, sessionId: id });
}

/** The WebSocket may have closed while we asked: then the grace time of the session begins. */
async function attach(deps: RegisterDeps, { node, session }: Placed, { connection }: Attempt) {
  const { sessionId: id, tenantId: tenant } = session;
  const socket = connectionId(connection.connectionId);
  if (await deps.connections.attach(socket, sessionId(id))) return;
  await deps.sessions.detach(sessionId(id), socket);
  const commandId = `${id}:detach:${socket}`;
  const onSession = { commandId, tenant, sessionId: id, connectionId: socket };
  await deps.control.send(node, { kind: 'detach', ...onSession });
  throw new IwfError('session.none', {});
}

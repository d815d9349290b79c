import type { ControlAnswer } from '@isthmus/shared/control/answers';
import type { ControlCommand } from '@isthmus/shared/control/commands';
import { nodeId, sessionId } from '@isthmus/shared/domain/ids';
import { IwfError, isIwfError } from '@isthmus/shared/errors/iwf-error';
import type { NodeItem, SessionItem } from '@isthmus/shared/store/items';
import type { ControlOutcome, NodeControl } from '../ports/node-control.ts';
import type { NodeDirectory } from '../ports/node-directory.ts';
import type { SessionStore } from '../ports/session-store.ts';

export interface AskNodeDeps {
  readonly nodes: NodeDirectory;
  readonly control: NodeControl;
}

/**
 * One command to one node. Where the first try may have been taken on, the same command goes to
 * the same node once more: its `commandId` makes the node give the answer it gave before.
 */
export async function tell(
  control: NodeControl,
  node: NodeItem,
  command: ControlCommand,
): Promise<ControlOutcome> {
  const first = await control.send(node, command);
  return first.kind === 'unknown' ? control.send(node, command) : first;
}

/** The answer of the node that has the session; throws `node.unavailable` when there is none. */
export async function askNode(
  deps: AskNodeDeps,
  node: string,
  command: ControlCommand,
): Promise<ControlAnswer> {
  const item = await deps.nodes.get(nodeId(node));
  if (!item) throw new IwfError('node.unavailable', { nodeId: node });
  const outcome = await tell(deps.control, item, command);
  if (outcome.kind === 'answered') return outcome.answer;
  const mayHave = outcome.kind === 'unknown' && ({ mayHaveTaken: true } as const);
  throw new IwfError('node.unavailable', { nodeId: node, ...mayHave }, { cause: outcome.reason });
}

export interface AskOwnerDeps extends AskNodeDeps {
  readonly sessions: SessionStore;
}

/** What a node says that has the session no more: it may have moved since we read where it is. */
const MOVED: readonly string[] = ['session.ended', 'node.unavailable', 'node.draining'];

/** The answer of the node that has the session, wherever it moves meanwhile; and which that was. */
export async function askOwner(
  deps: AskOwnerDeps,
  session: SessionItem,
  command: ControlCommand,
): Promise<{ readonly answer: ControlAnswer; readonly nodeId: string }> {
  let failure: unknown;
  try {
    const answer = await askNode(deps, session.nodeId, command);
    if ('ok' in answer || !MOVED.includes(answer.error.code)) {
      return { answer, nodeId: session.nodeId };
    }
    failure = answer;
  } catch (error) {
    if (!isIwfError(error, 'node.unavailable')) throw error;
    failure = error;
  }
  const now = await deps.sessions.get(sessionId(session.sessionId));
  if (now && now.nodeId !== session.nodeId) {
    return { answer: await askNode(deps, now.nodeId, command), nodeId: now.nodeId };
  }
  if (failure instanceof IwfError) throw failure;
  return { answer: failure as ControlAnswer, nodeId: session.nodeId };
}

import type { ControlAnswer } from '@isthmus/shared/control/answers';
import type { ControlCommand } from '@isthmus/shared/control/commands';
import { nodeId } from '@isthmus/shared/domain/ids';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import type { NodeItem } from '@isthmus/shared/store/items';
import type { ControlOutcome, NodeControl } from '../ports/node-control.ts';
import type { NodeDirectory } from '../ports/node-directory.ts';

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
  throw new IwfError('node.unavailable', { nodeId: node }, { cause: outcome.reason });
}

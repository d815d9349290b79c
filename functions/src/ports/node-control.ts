import type { ControlAnswer } from '@isthmus/shared/control/answers';
import type { ControlCommand } from '@isthmus/shared/control/commands';
import type { NodeItem } from '@isthmus/shared/store/items';

/**
 * `unreached`: the node has certainly not taken the command, another may be asked.
 * `unknown`: it may have; only the same command to the same node is safe.
 */
export type ControlOutcome =
  | { readonly kind: 'answered'; readonly answer: ControlAnswer }
  | { readonly kind: 'unreached'; readonly reason: string }
  | { readonly kind: 'unknown'; readonly reason: string };

export interface NodeControl {
  send(node: NodeItem, command: ControlCommand): Promise<ControlOutcome>;
}

import type { ConnectionId } from '@isthmus/shared/domain/ids';
import type { CallRequest } from '@isthmus/shared/wire/requests';
import { type AskOwnerDeps, askOwner } from './ask-node.ts';
import { type AuthoriseDeps, sessionOn } from './authorise-command.ts';
import { errorOfNode } from './node-error.ts';

export interface ForwardCallDeps extends AuthoriseDeps, AskOwnerDeps {}

export type ForwardCall = (
  connection: ConnectionId,
  request: CallRequest,
) => Promise<Readonly<Record<string, unknown>>>;

/** Hands a command of a call to the node that has the session; the call itself is its business. */
export const createForwardCall =
  (deps: ForwardCallDeps): ForwardCall =>
  async (connection, request) => {
    const session = await sessionOn(deps, connection);
    const { answer, nodeId } = await askOwner(deps, session, {
      kind: 'call',
      commandId: `${session.sessionId}:${request.id}`,
      tenant: session.tenantId,
      sessionId: session.sessionId,
      request,
    });
    if ('ok' in answer) return answer.ok;
    throw errorOfNode(nodeId, answer.error);
  };

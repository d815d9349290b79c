import type {
  CallCommand,
  ForwardingCommand,
  MessageCommand,
} from '@isthmus/shared/control/commands';
import type { ConnectionId } from '@isthmus/shared/domain/ids';
import type { SessionItem } from '@isthmus/shared/store/items';
import type { ForwardingRequest } from '@isthmus/shared/wire/forwarding';
import type { CallRequest, RequestOf } from '@isthmus/shared/wire/requests';
import { type AskOwnerDeps, askOwner } from './ask-node.ts';
import { type AuthoriseDeps, sessionOn } from './authorise-command.ts';
import { errorOfNode } from './node-error.ts';
import { recordUntaken, type UntakenCallDeps } from './untaken-call.ts';

export interface ForwardDeps extends AuthoriseDeps, AskOwnerDeps {}
export interface ForwardCallDeps extends ForwardDeps, UntakenCallDeps {}

type Forward<Request> = (
  connection: ConnectionId,
  request: Request,
) => Promise<Readonly<Record<string, unknown>>>;

export type ForwardCall = Forward<CallRequest>;
export type ForwardMessage = Forward<RequestOf<'message.send'>>;

export type ForwardForwarding = Forward<ForwardingRequest>;

type Asked = {
  [C in CallCommand | MessageCommand | ForwardingCommand as C['kind']]: Pick<C, 'kind' | 'request'>;
}[CallCommand['kind'] | MessageCommand['kind'] | ForwardingCommand['kind']];

/** Hands a command of a call to the node that has the session; the call itself is its business. */
export const createForwardCall =
  (deps: ForwardCallDeps): ForwardCall =>
  async (connection, request) => {
    const startedAtMs = deps.clock.nowMs();
    const session = await sessionOn(deps, connection);
    try {
      return await forward(deps, session, { kind: 'call', request });
    } catch (refusal) {
      if (request.action === 'call.start')
        await recordUntaken(deps, { session, request, startedAtMs }, refusal);
      throw refusal;
    }
  };

export const createForwardMessage =
  (deps: ForwardDeps): ForwardMessage =>
  async (connection, request) =>
    forward(deps, await sessionOn(deps, connection), { kind: 'message', request });

/** Where calls go that do not reach their user; the node judges the targets and keeps them. */
export const createForwardForwarding =
  (deps: ForwardDeps): ForwardForwarding =>
  async (connection, request) =>
    forward(deps, await sessionOn(deps, connection), { kind: 'forwarding', request });

async function forward(
  deps: ForwardDeps,
  session: SessionItem,
  asked: Asked,
): Promise<Readonly<Record<string, unknown>>> {
  const { answer, nodeId } = await askOwner(deps, session, {
    ...asked,
    commandId: `${session.sessionId}:${asked.request.id}`,
    tenant: session.tenantId,
    sessionId: session.sessionId,
  });
  if ('ok' in answer) return answer.ok;
  throw errorOfNode(nodeId, answer.error);
}

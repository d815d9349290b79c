import { type ConnectionId, connectionId } from '@isthmus/shared/domain/ids';
import { parseRequest } from '@isthmus/shared/wire/parse';
import type { Request } from '@isthmus/shared/wire/requests';
import type { MiddlewareObj } from '@middy/core';
import { gatewayEvent, tenantOf } from './gateway-event.ts';

/** One message of a client, known to be of the form its action takes. */
export interface Message {
  readonly connection: ConnectionId;
  /** For whom the authorizer let the connection in. */
  readonly tenantId: string;
  readonly request: Request;
}

/** Puts the message in the place of the event; throws the `wire.*` error when it is none. */
export const parseMessage = (): MiddlewareObj => ({
  before(invocation) {
    const event = gatewayEvent.parse(invocation.event);
    const { body = '', requestContext } = event;
    const parsed = parseRequest(body);
    if (!parsed.ok) throw parsed.error;
    const message: Message = {
      connection: connectionId(requestContext.connectionId),
      tenantId: tenantOf(event) ?? '',
      request: parsed.value,
    };
    invocation.event = message;
  },
});

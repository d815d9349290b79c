import { requestIdOf } from '@isthmus/shared/wire/parse';
import type { MiddlewareObj } from '@middy/core';
import { type GatewayResponse, gatewayEvent } from './gateway-event.ts';
import type { Message } from './parse-message.ts';
import { type RefusalDeps, refusalOf } from './refusal.ts';

/** Nothing is thrown to the gateway: it would answer with a frame that names no request. */
export const mapError = (deps: RefusalDeps): MiddlewareObj<unknown, GatewayResponse> => ({
  onError(invocation) {
    const body = refusalOf(deps, idIn(invocation.event), invocation.error);
    invocation.response = { statusCode: 200, body };
  },
});

/** The event is a message once it has been parsed, and the gateway's own before. */
function idIn(event: unknown): string {
  const message = event as Partial<Message> | undefined;
  if (message?.request) return message.request.id;
  const raw = gatewayEvent.safeParse(event);
  return raw.success ? requestIdOf(raw.data.body ?? '') : '';
}

import type { LogFacts, LogScope } from '../ports/log.ts';
import type { LambdaHandler } from './gateway-event.ts';
import { gatewayEvent, tenantOf } from './gateway-event.ts';

/** Tenant, connection and invocation stand on every line of a handler. */
export const withLog =
  <Answer>(scope: LogScope, handler: LambdaHandler<Answer>): LambdaHandler<Answer> =>
  (event, context) =>
    scope.within({ ...factsOf(event), ...requestIdOf(context) }, () => handler(event, context));

function factsOf(event: unknown): LogFacts {
  const parsed = gatewayEvent.safeParse(event);
  if (!parsed.success) return {};
  const { connectionId, routeKey } = parsed.data.requestContext;
  return { tenant: tenantOf(parsed.data), connectionId, routeKey };
}

const requestIdOf = (context: unknown): LogFacts => ({
  function_request_id: (context as { awsRequestId?: unknown } | undefined)?.awsRequestId,
});

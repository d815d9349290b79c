import type { Connection } from './connection.ts';
import type { Events, RequestContext } from './events.ts';
import { IntegrationTimeout, isProxyResult, type Lambda } from './lambda.ts';
import type { GatewayDeps, Route } from './stage.ts';

export interface MessagesDeps extends Pick<GatewayDeps, 'log' | 'routes'> {
  readonly events: Events;
  readonly lambda: Lambda;
  readonly maxMessageBytes: number;
}

/** One inbound message, chosen its route. */
export interface Inbound {
  readonly connection: Connection;
  readonly text: string;
  readonly context: RequestContext;
}

/** Routes what clients say to the integrations and brings two-way answers back. */
export class Messages {
  readonly #deps: MessagesDeps;

  constructor(deps: MessagesDeps) {
    this.#deps = deps;
  }

  take(connection: Connection, text: string): Inbound {
    const routeKey = this.#routeKeyOf(text);
    return {
      connection,
      text,
      context: this.#deps.events.messageContext(connection.facts, routeKey),
    };
  }

  /** Each message is an invocation of its own: none waits for another. */
  handle(inbound: Inbound): void {
    const route = this.#deps.routes[inbound.context.routeKey];
    if (!route) tellError(inbound, 'Forbidden');
    else if ('mock' in route) inbound.connection.send(filled(route.mock, inbound.context));
    else void this.#integrate(inbound, route);
  }

  async #integrate(
    inbound: Inbound,
    { handler, twoWay = false }: Extract<Route, { handler: unknown }>,
  ): Promise<void> {
    const { events, lambda, log, maxMessageBytes } = this.#deps;
    const { connection, context, text } = inbound;
    try {
      const result = await lambda.invoke(handler, events.message(context, text));
      if (!isProxyResult(result)) throw new TypeError('malformed Lambda proxy response');
      const { body = '' } = result;
      if (!twoWay || body === '') return;
      if (Buffer.byteLength(body) > maxMessageBytes) throw new TypeError('answer too large');
      connection.send(body);
    } catch (cause) {
      log?.error('integration failed', { routeKey: context.routeKey, cause });
      const isLate = cause instanceof IntegrationTimeout;
      tellError(inbound, isLate ? 'Endpoint request timed out' : 'Internal server error');
    }
  }

  /** `$request.body.action`; a body cannot choose `$connect` or `$disconnect`. */
  #routeKeyOf(text: string): string {
    const action = actionIn(text);
    const isRoute = action !== undefined && Object.hasOwn(this.#deps.routes, action);
    return isRoute && !action.startsWith('$') ? action : '$default';
  }
}

function actionIn(text: string): string | undefined {
  try {
    const { action } = (JSON.parse(text) ?? {}) as { action?: unknown };
    return typeof action === 'string' || typeof action === 'number' ? String(action) : undefined;
  } catch {
    // What is not JSON has no action.
    return undefined;
  }
}

function tellError({ connection, context }: Inbound, message: string): void {
  const { connectionId, requestId } = context;
  connection.send(JSON.stringify({ message, connectionId, requestId }));
}

/** The response template of a MOCK integration, with `$context.name` filled in. */
const filled = (template: string, context: RequestContext): string =>
  template.replaceAll(/\$context\.(\w+)/g, (_, name: string) => {
    const value = context[name];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  });

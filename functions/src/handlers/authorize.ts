import middy from '@middy/core';
import { composeAuthorize } from '../compose.ts';
import { processEnv } from '../env.ts';
import {
  type AuthorizerEvent,
  authorizerEvent,
  type LambdaHandler,
} from '../middleware/gateway-event.ts';
import { withLog } from '../middleware/with-log.ts';
import type { Log, LogScope } from '../ports/log.ts';
import type { LetIn } from '../use-cases/let-in.ts';
import { lazy } from './lazy.ts';

export interface AuthorizeHandlerDeps {
  readonly letIn: LetIn;
  readonly log: Log & LogScope;
}

const TENANT_NAME = /^[a-z0-9-]{1,64}$/;

/** What API Gateway takes from an authorizer; the context comes back on every later event. */
export interface Verdict {
  readonly principalId: string;
  readonly policyDocument: {
    readonly Version: '2012-10-17';
    readonly Statement: readonly [
      { readonly Action: string; readonly Effect: 'Allow' | 'Deny'; readonly Resource: string },
    ];
  };
  readonly context: { readonly tenant: string };
}

/** `$connect`: lets a WebSocket in for the origins of the tenant its URL names (SEC-1). */
export function createAuthorizeHandler({
  letIn,
  log,
}: AuthorizeHandlerDeps): LambdaHandler<Verdict> {
  const handler = middy({ timeoutEarlyInMillis: 0 }).handler(async (event): Promise<Verdict> => {
    const knock = authorizerEvent.parse(event);
    const tenant = tenantNamedBy(knock);
    const isWelcome = await letIn({ tenant, origin: originOf(knock) });
    if (!isWelcome) log.warn('connection refused', { tenant });
    return verdict(knock.methodArn, { tenant: tenant ?? '', isWelcome });
  });
  return withLog(log, (event, context) => handler(event, context as never));
}

/** What has not the form of a tenant's name reaches neither store nor log. */
function tenantNamedBy({ queryStringParameters }: AuthorizerEvent): string | undefined {
  const name = queryStringParameters?.['tenant'];
  return name !== undefined && TENANT_NAME.test(name) ? name : undefined;
}

/** Header names keep the letters the client chose. */
const originOf = ({ headers = {} }: AuthorizerEvent): string | undefined =>
  Object.entries(headers).find(([name]) => name.toLowerCase() === 'origin')?.[1];

const verdict = (
  methodArn: string,
  { isWelcome, tenant }: { readonly isWelcome: boolean; readonly tenant: string },
): Verdict => ({
  principalId: tenant === '' ? 'nobody' : tenant,
  policyDocument: {
    Version: '2012-10-17',
    Statement: [
      {
        Action: 'execute-api:Invoke',
        Effect: isWelcome ? 'Allow' : 'Deny',
        Resource: methodArn,
      },
    ],
  },
  context: { tenant },
});

export const handler = lazy(() => createAuthorizeHandler(composeAuthorize(processEnv())));

import * as z from 'zod';

/** What we read of the events of API Gateway WebSocket; the rest of them is let through unread. */
export const gatewayEvent = z.object({
  requestContext: z.object({
    routeKey: z.string(),
    connectionId: z.string(),
    identity: z.object({ sourceIp: z.string() }).optional(),
    authorizer: z.object({ tenant: z.string() }).optional(),
  }),
  body: z.string().optional(),
});

export const authorizerEvent = z.object({
  methodArn: z.string(),
  headers: z.record(z.string(), z.string()).optional(),
  queryStringParameters: z.record(z.string(), z.string()).nullish(),
});

export type GatewayEvent = z.infer<typeof gatewayEvent>;
export type AuthorizerEvent = z.infer<typeof authorizerEvent>;

/** Proxy result: `body` goes back to the client as the two-way route response. */
export interface GatewayResponse {
  readonly statusCode: number;
  readonly body?: string;
}

export type LambdaHandler<Answer = GatewayResponse> = (
  event: unknown,
  context?: unknown,
) => Promise<Answer>;

export const tenantOf = ({ requestContext }: GatewayEvent): string | undefined =>
  requestContext.authorizer?.tenant;

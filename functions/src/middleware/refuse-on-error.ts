import type { MiddlewareObj } from '@middy/core';
import type { Log } from '../ports/log.ts';
import type { GatewayResponse } from './gateway-event.ts';

/** Toward `$connect` and `$disconnect` there is no client to explain a failure to. */
export const refuseOnError = (log: Log): MiddlewareObj<unknown, GatewayResponse> => ({
  onError(invocation) {
    log.error('connection event failed', { error: invocation.error });
    invocation.response = { statusCode: 500 };
  },
});

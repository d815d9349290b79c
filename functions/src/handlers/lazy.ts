import type { LambdaHandler } from '../middleware/gateway-event.ts';

/** Builds the handler once per cold start, on the first event: importing it touches nothing. */
export function lazy<Answer>(build: () => LambdaHandler<Answer>): LambdaHandler<Answer> {
  let built: LambdaHandler<Answer> | undefined;
  return async (event, context) => {
    built ??= build();
    return built(event, context);
  };
}

import { randomUUID } from 'node:crypto';
import type { Clock } from '@isthmus/media-node/ports/clock';
import type { GatewayOptions, LambdaHandler } from './stage.ts';

/** The integration did not answer in time; its Lambda goes on and nobody listens. */
export class IntegrationTimeout extends Error {
  override readonly name = 'IntegrationTimeout';
}

type Handler = (event: unknown, context: unknown) => unknown;

/** Calls handlers as the Lambda service does: plain JSON in, plain JSON out, a deadline. */
export class Lambda {
  readonly #clock: Clock;
  readonly #options: GatewayOptions;
  readonly #inFlight = new Set<Promise<unknown>>();

  constructor(clock: Clock, options: GatewayOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  /** Throws what the handler threw, or {@link IntegrationTimeout}. */
  async invoke(handler: LambdaHandler, event: unknown): Promise<unknown> {
    const call = handler as Handler;
    const running = Promise.resolve().then(() => call(throughJson(event), this.#context()));
    this.#track(running);
    return throughJson(await this.#inTime(running));
  }

  /** Resolves when no invocation is under way, whoever still waits for it. */
  async settled(): Promise<void> {
    while (this.#inFlight.size > 0) await Promise.allSettled(this.#inFlight);
  }

  #track(running: Promise<unknown>): void {
    const forget = (): void => {
      this.#inFlight.delete(running);
    };
    this.#inFlight.add(running);
    running.then(forget, forget);
  }

  #inTime(running: Promise<unknown>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.after(this.#options.integrationTimeoutMs, () => {
        reject(new IntegrationTimeout('Endpoint request timed out'));
      });
      running.finally(cancel).then(resolve, reject);
    });
  }

  #context(): unknown {
    const { accountId, integrationTimeoutMs, region } = this.#options;
    const endMs = this.#clock.nowMs() + integrationTimeoutMs;
    return {
      awsRequestId: randomUUID(),
      functionName: 'local',
      functionVersion: '$LATEST',
      invokedFunctionArn: `arn:aws:lambda:${region}:${accountId}:function:local`,
      memoryLimitInMB: '256',
      logGroupName: '/aws/lambda/local',
      logStreamName: 'local',
      callbackWaitsForEmptyEventLoop: true,
      getRemainingTimeInMillis: () => Math.max(0, endMs - this.#clock.nowMs()),
    };
  }
}

/** A handler shares no object with its caller; `undefined` does not survive the way. */
function throughJson(value: unknown): unknown {
  const text = JSON.stringify(value) as string | undefined;
  return text === undefined ? undefined : (JSON.parse(text) as unknown);
}

/** What a proxy integration must return; everything else is an error of the integration. */
export interface ProxyResult {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export function isProxyResult(value: unknown): value is ProxyResult {
  if (typeof value !== 'object' || value === null) return false;
  const { statusCode, body } = value as Record<string, unknown>;
  return typeof statusCode === 'number' && (body === undefined || typeof body === 'string');
}

import { viewOfThrown } from '@isthmus/shared/errors/error-view';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';

export interface RefusalDeps {
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Codes that say that something of ours is broken, not that a client asked for the wrong thing. */
const OUR_FAILURES = new Set(['internal', 'store.failed', 'control.unauthenticated']);

/** Any failure as the answer to request `re`: its code for the client, its facts for our log. */
export function refusalOf(deps: RefusalDeps, re: string, thrown: unknown): string {
  const error = viewOfThrown(thrown);
  const details = thrown instanceof IwfError ? factsOf(thrown as IwfError) : {};
  if (OUR_FAILURES.has(error.code)) {
    deps.log.error('request failed', { code: error.code, details, error: thrown });
    deps.metrics.count('requests_failed', { code: error.code });
  } else {
    deps.log.info('request refused', { code: error.code, details });
    deps.metrics.count('requests_refused', { code: error.code });
  }
  return JSON.stringify({ re, error });
}

/** The cause of a failure is a sentence where no error was thrown, as with a silent node. */
const factsOf = ({ cause, details }: IwfError): object =>
  typeof cause === 'string' ? { ...details, cause } : details;

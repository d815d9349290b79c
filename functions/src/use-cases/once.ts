import { IwfError } from '@isthmus/shared/errors/iwf-error';
import type { Clock } from '../ports/clock.ts';
import type { RequestJournal, RequestName } from '../ports/request-journal.ts';

export interface OnceDeps {
  readonly journal: RequestJournal;
  readonly clock: Clock;
}

/** API Gateway may deliver a message twice, even at once: the second waits for the first's answer. */
const WAIT_MS = 3_000;
const POLL_MS = 60;

/** Does the work for the first of equal requests, and hands the others its answer. */
export async function once(
  deps: OnceDeps,
  request: RequestName,
  work: () => Promise<string>,
): Promise<string> {
  if (!(await deps.journal.begin(request))) return answerOfFirst(deps, request);
  const answer = await work();
  await deps.journal.finish(request, answer);
  return answer;
}

async function answerOfFirst(deps: OnceDeps, request: RequestName): Promise<string> {
  const { clock, journal } = deps;
  for (let waitedMs = 0; waitedMs <= WAIT_MS; waitedMs += POLL_MS) {
    const answer = await journal.answerTo(request);
    if (answer !== undefined) return answer;
    await clock.pause(POLL_MS);
  }
  throw new IwfError('store.failed', { operation: 'await the answer to a repeated request' });
}

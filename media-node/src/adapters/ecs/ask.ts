import { IwfError } from '@isthmus/shared/errors/iwf-error';
import type { Clock } from '../../ports/clock.ts';

export interface Patience {
  readonly tries: number;
  /** Doubles with every try. */
  readonly firstPauseMs: number;
  readonly timeoutMs: number;
}

export interface Question {
  readonly url: string;
  /** Named when nobody knows the answer. */
  readonly wanted: string;
  /** What the body says; nothing where it does not say it (yet). */
  readonly read: (body: string) => string | undefined;
}

/** A task may run before its metadata are complete and before its public address is routed. */
export const PATIENCE: Patience = { tries: 6, firstPauseMs: 500, timeoutMs: 3_000 };

/** Asks until there is an answer or patience ends, and then says what was wrong last. */
export async function ask(
  clock: Pick<Clock, 'after'>,
  { url, wanted, read }: Question,
  { tries, firstPauseMs, timeoutMs }: Patience,
): Promise<string> {
  let problem = '';
  for (let attempt = 0; attempt < tries; attempt += 1) {
    if (attempt > 0) await pause(clock, firstPauseMs * 2 ** (attempt - 1));
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
      const answer = response.ok ? read(await response.text()) : undefined;
      if (answer !== undefined) return answer;
      problem = response.ok
        ? 'the answer holds no IPv4 address'
        : `status ${String(response.status)}`;
    } catch (cause) {
      problem = problemOf(cause);
    }
  }
  throw new IwfError('internal', { reason: `${wanted} is unknown: ${url}: ${problem}` });
}

/** `fetch failed` tells nothing; its cause does. */
function problemOf(thrown: unknown): string {
  const { cause, message } = thrown as Error & { readonly cause?: { readonly message?: string } };
  return cause?.message ?? message;
}

const pause = (clock: Pick<Clock, 'after'>, ms: number): Promise<void> =>
  new Promise((resolve) => {
    clock.after(ms, resolve);
  });

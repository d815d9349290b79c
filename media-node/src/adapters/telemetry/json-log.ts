import type { Clock } from '../../ports/clock.ts';
import type { Log, LogFacts } from '../../ports/log.ts';
import { masked } from './masking.ts';

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LEVELS)[number];

export interface JsonLogDeps {
  readonly stream: { write(line: string): unknown };
  readonly clock: Pick<Clock, 'nowMs'>;
}

export interface JsonLogOptions {
  /** Less than this is not written. */
  readonly level: LogLevel;
}

/** One JSON object a line; what must not be written down is masked on the way. */
export function createJsonLog(deps: JsonLogDeps, options: JsonLogOptions): Log {
  return logWith(deps, options, {});
}

function logWith(deps: JsonLogDeps, options: JsonLogOptions, standing: LogFacts): Log {
  const least = LEVELS.indexOf(options.level);
  const at =
    (level: LogLevel) =>
    (message: string, facts: LogFacts = {}): void => {
      if (LEVELS.indexOf(level) < least) return;
      const time = new Date(deps.clock.nowMs()).toISOString();
      const safe = masked({ ...standing, ...facts }) as LogFacts;
      deps.stream.write(`${JSON.stringify({ time, level, message, ...safe })}\n`);
    };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    with: (facts) => logWith(deps, options, { ...standing, ...facts }),
  };
}

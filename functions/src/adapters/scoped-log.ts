import { AsyncLocalStorage } from 'node:async_hooks';
import type { Log, LogFacts, LogScope } from '../ports/log.ts';

/**
 * Facts of one invocation on each of its lines. A process of Lambda has one invocation at a time,
 * but on one machine many run side by side: keys appended to a shared logger would mix.
 */
export function createScopedLog(log: Log): Log & LogScope {
  const scope = new AsyncLocalStorage<LogFacts>();
  const all = (facts?: LogFacts): LogFacts => ({ ...scope.getStore(), ...facts });
  return {
    info: (message, facts) => {
      log.info(message, all(facts));
    },
    warn: (message, facts) => {
      log.warn(message, all(facts));
    },
    error: (message, facts) => {
      log.error(message, all(facts));
    },
    within: (facts, work) => scope.run(all(facts), work),
  };
}

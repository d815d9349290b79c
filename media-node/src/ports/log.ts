export type LogFacts = Readonly<Record<string, unknown>>;

/** One event a line; the message is constant, the facts are fields. Secrets are masked. */
export interface Log {
  debug(message: string, facts?: LogFacts): void;
  info(message: string, facts?: LogFacts): void;
  warn(message: string, facts?: LogFacts): void;
  error(message: string, facts?: LogFacts): void;
  /** The same log with facts that stand on every line. */
  with(facts: LogFacts): Log;
}

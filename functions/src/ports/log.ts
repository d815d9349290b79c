export type LogFacts = Readonly<Record<string, unknown>>;

/** One event a line; the message is constant, the facts are fields. No secrets, no SDP. */
export interface Log {
  info(message: string, facts?: LogFacts): void;
  warn(message: string, facts?: LogFacts): void;
  error(message: string, facts?: LogFacts): void;
}

export interface LogScope {
  /** Every line that `work` logs carries these facts; another invocation's lines do not. */
  within<T>(facts: LogFacts, work: () => Promise<T>): Promise<T>;
}

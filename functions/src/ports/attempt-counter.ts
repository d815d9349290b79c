export interface AttemptCounter {
  /** Counts one more attempt of `subject` in the window and says how many that makes. */
  count(subject: string, window: number, ttl: number): Promise<number>;
  /** Takes one attempt back: it was the right one. */
  forgive(subject: string, window: number): Promise<void>;
}

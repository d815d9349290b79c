export interface Clock {
  nowMs(): number;
  /** Runs once, later; the returned function calls it off. */
  after(delayMs: number, run: () => void): () => void;
}

export interface Ids {
  /** Unique, of the form that requests and calls are named by. */
  next(): string;
  /** From 0 up to 1, for jitter. */
  fraction(): number;
}

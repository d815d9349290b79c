export interface Clock {
  nowMs(): number;
  /** Resolves `ms` from now. */
  pause(ms: number): Promise<void>;
}

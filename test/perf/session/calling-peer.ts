/** Calls to be made: so many, so many a second, each by a user who is not in a call. */
export interface Load {
  readonly calls: number;
  readonly perS: number;
}

export interface CallTimes {
  /** From when a call was due to its answer; waiting for a free user is in it. */
  readonly setUpMs: readonly number[];
  readonly failures: readonly string[];
}

/** A product whose users are registered and make calls, in a process of its own. */
export interface CallingPeer {
  readonly subject: string;
  readonly pid: number;
  /** Resolves when all of them have been released. */
  call(load: Load): Promise<CallTimes>;
  close(): Promise<void>;
}

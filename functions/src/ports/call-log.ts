import type { CallRecord } from '@isthmus/shared/store/call-records';

/** Where attempts at calls are written down that no node took (OPS-3); the nodes write all others. */
export interface CallLog {
  /** Counts it, too, and both once: a second record of the same `attemptId` changes nothing. */
  write(record: CallRecord): Promise<void>;
}

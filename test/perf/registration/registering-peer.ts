import type { Work } from '../processes/sip-accounts.ts';

/** A product that registers users at a registrar, in a process of its own. */
export interface RegisteringPeer {
  readonly subject: string;
  readonly pid: number;
  /** Resolves with how many were registered. */
  register(work: Work): Promise<number>;
  refresh(work: Work): Promise<number>;
  close(): Promise<void>;
}

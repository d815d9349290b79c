import type { CallItem } from '@isthmus/shared/store/call-records';
import type { SipAccount } from '../../ports/sip-accounts.ts';
import type { Session } from '../sessions/session.ts';
import type { Trunk } from './trunk.ts';

export interface Orphans {
  readonly calls: readonly CallItem[];
  /** Brought along from the dead node. */
  readonly sessions: readonly Session[];
}

/** Far ends of calls whose node died are let go by whoever has their registration now (SES-8). */
export function releaseOrphans(account: SipAccount, { calls, sessions }: Orphans): void {
  const ids = new Set<string>(sessions.map(({ sessionId }) => sessionId));
  for (const { dialog, parties = [], sessionId } of calls) {
    if (dialog && [sessionId, ...parties].some((it) => ids.has(it))) account.release(dialog);
  }
}

/** The same, as soon as there is a way to IMS. */
export function releaseWhenUp(
  line: Pick<Trunk, 'account' | 'isUp' | 'onRegistered'>,
  orphans: Orphans,
): void {
  const release = (): void => {
    releaseOrphans(line.account, orphans);
  };
  if (line.isUp) release();
  else line.onRegistered = release;
}

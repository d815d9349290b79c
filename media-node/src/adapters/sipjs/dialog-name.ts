import { type Session, SessionDialog } from 'sip.js/lib/core/index.js';
import type { Dialog } from '../../ports/sip-leg.ts';

/** Undefined once the dialog is over. */
export function dialogOf(session: Session): Dialog | undefined {
  if (!(session instanceof SessionDialog)) return undefined;
  const { callId, localTag, remoteTag, remoteTarget } = session;
  return {
    // Whoever is asked to replace the call knows it from the other side.
    replaces: { callId, toTag: remoteTag, fromTag: localTag, isEarlyOnly: false },
    remoteTarget: remoteTarget.toString(),
  };
}

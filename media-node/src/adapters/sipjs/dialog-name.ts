import { type Session, SessionDialog } from 'sip.js/lib/core/index.js';
import type { Dialog } from '../../ports/sip-leg.ts';

/** Undefined once the dialog is over. */
export function dialogOf(session: Session): Dialog | undefined {
  if (!(session instanceof SessionDialog)) return undefined;
  const { callId, localTag, localURI, remoteTag, remoteURI, routeSet } = session;
  const remoteTarget = session.remoteTarget.toString();
  return {
    // Whoever is asked to replace the call knows it from the other side.
    replaces: { callId, toTag: remoteTag, fromTag: localTag, isEarlyOnly: false },
    remoteTarget,
    saved: {
      ...{ callId, localTag, remoteTag, remoteTarget, routes: [...routeSet] },
      localUri: localURI.toString(),
      remoteUri: remoteURI.toString(),
      cseq: session.localSequenceNumber ?? 0,
    },
  };
}

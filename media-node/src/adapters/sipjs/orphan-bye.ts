import type { CallDialog } from '@isthmus/shared/store/call-records';
import type { IncomingResponseMessage } from 'sip.js/lib/core/index.js';
import type { LegContext } from './leg-context.ts';
import { RequestAuthorization } from './request-authorization.ts';
import { wireUri } from './wire-uri.ts';

/** Of what the dead node may have sent since the dialog was written down (RFC 3261 §12.2.2). */
const LEAP = 10_000;
const REASON = 'Reason: SIP;cause=503;text="Node lost"';

/** BYE in a dialog that another node began, and no more (RFC 3261 §15). */
export function byeInOrphan(dialog: CallDialog, context: LegContext): void {
  const [target, from, to] = [dialog.remoteTarget, dialog.localUri, dialog.remoteUri].map(wireUri);
  if (!(target && from && to)) return;
  const { callId, localTag: fromTag, remoteTag: toTag, routes } = dialog;
  const authorization = new RequestAuthorization(context.digesters);
  const attempt = (cseq: number, headers: readonly string[]): void => {
    const request = context.core.makeOutgoingRequestMessage(
      ...(['BYE', target, from, to] as const),
      { callId, fromTag, toTag, cseq, routeSet: [...routes] },
      [REASON, ...headers],
    );
    context.core.request(request, {
      onReject: ({ message }: { readonly message: IncomingResponseMessage }) => {
        const digested = { method: 'BYE', uri: dialog.remoteTarget, body: '' };
        const more = authorization.headersAfter(message, digested);
        if (more) attempt(cseq + 1, more);
      },
    });
  };
  attempt(dialog.cseq + LEAP, []);
}

import {
  type IncomingResponseMessage,
  type Session,
  SessionDialog,
} from 'sip.js/lib/core/index.js';
import type { LegContext } from './leg-context.ts';
import { RequestAuthorization } from './request-authorization.ts';

/** BYE; challenged, it goes once more (RFC 3261 §22.2). */
export function byeIn(session: Session, context: LegContext, headers: readonly string[]): void {
  const authorization = new RequestAuthorization(context.digesters);
  session.bye(delegate(session, context, authorization), { extraHeaders: [...headers] });
}

function delegate(
  dialog: Session,
  context: LegContext,
  authorization: RequestAuthorization,
): object {
  return {
    onReject: ({ message }: { readonly message: IncomingResponseMessage }) => {
      if (!(dialog instanceof SessionDialog)) return;
      const uri = dialog.remoteTarget.toString();
      const headers = authorization.headersAfter(message, { method: 'BYE', uri, body: '' });
      if (!headers) return;
      const again = dialog.createOutgoingRequestMessage('BYE', { extraHeaders: [...headers] });
      context.core.request(again, delegate(dialog, context, authorization));
    },
  };
}

import { parseVia } from '../sip/header-values.ts';
import { firstHeader, type SipMessage, withChangedTop } from '../sip/message.ts';
import type { Flow } from './flow.ts';

/** Notes in the top Via where a request really came from (RFC 3261 §18.2.1, RFC 3581 §4). */
export function withReceived(message: SipMessage, { remote }: Flow): SipMessage {
  const top = firstHeader(message, 'Via') ?? '';
  const via = parseVia(top);
  if (message.kind === 'response' || via === undefined) return message;
  const wantsPort = via.params.get('rport') === '';
  const isElsewhere = via.host !== remote.host;
  const ported = top.replace(/;\s*rport(?=\s*(;|$))/i, `;rport=${String(remote.port)}`);
  const noted = wantsPort || isElsewhere ? `${ported};received=${remote.host}` : top;
  return noted === top ? message : withChangedTop(message, 'Via', noted);
}

import { addressOf, tagOf } from '../sip/header-values.ts';
import {
  allHeaders,
  firstHeader,
  NO_BODY,
  type SipRequest,
  type SipResponse,
} from '../sip/message.ts';

export interface DialogState {
  readonly callId: string;
  /** From and To of our requests, tags and all. */
  readonly local: string;
  readonly remote: string;
  readonly target: string;
  readonly routes: readonly string[];
  readonly contact: string;
}

export function dialogKey(callId: string, localTag: string): string {
  return `${callId} ${localTag}`;
}

/** RFC 3261 §12.1.1: the route set of a callee is Record-Route as it came. */
export function calleeDialog(invite: SipRequest, localTag: string, contact: string): DialogState {
  return {
    callId: firstHeader(invite, 'Call-ID') ?? '',
    local: `${firstHeader(invite, 'To') ?? ''};tag=${localTag}`,
    remote: firstHeader(invite, 'From') ?? '',
    target: addressOf(firstHeader(invite, 'Contact')) ?? '',
    routes: allHeaders(invite, 'Record-Route'),
    contact,
  };
}

/** RFC 3261 §12.1.2: that of a caller is Record-Route turned round. */
export function callerDialog(
  invite: SipRequest,
  response: SipResponse,
  contact: string,
): DialogState {
  return {
    callId: firstHeader(invite, 'Call-ID') ?? '',
    local: firstHeader(invite, 'From') ?? '',
    remote: firstHeader(response, 'To') ?? '',
    target: addressOf(firstHeader(response, 'Contact')) ?? '',
    routes: allHeaders(response, 'Record-Route').toReversed(),
    contact,
  };
}

export function requestWithin(dialog: DialogState, method: string, cseq: number): SipRequest {
  return {
    kind: 'request',
    method,
    uri: dialog.target,
    headers: [
      ...dialog.routes.map((value) => ({ name: 'Route', value })),
      { name: 'Max-Forwards', value: '70' },
      { name: 'From', value: dialog.local },
      { name: 'To', value: dialog.remote },
      { name: 'Call-ID', value: dialog.callId },
      { name: 'CSeq', value: `${String(cseq)} ${method}` },
      { name: 'Contact', value: dialog.contact },
    ],
    body: NO_BODY,
  };
}

export function cseqOf(message: SipRequest | SipResponse): number {
  return Number(firstHeader(message, 'CSeq')?.split(/\s+/)[0] ?? '0');
}

export function localTagOf(request: SipRequest): string {
  return tagOf(firstHeader(request, 'To')) ?? '';
}

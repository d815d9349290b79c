import { tagOf } from './header-values.ts';
import { firstHeader, NO_BODY, type SipRequest, type SipResponse } from './message.ts';

const REASONS: Readonly<Record<number, string>> = {
  100: 'Trying',
  180: 'Ringing',
  183: 'Session Progress',
  200: 'OK',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  420: 'Bad Extension',
  423: 'Interval Too Brief',
  430: 'Flow Failed',
  480: 'Temporarily Unavailable',
  481: 'Call/Transaction Does Not Exist',
  483: 'Too Many Hops',
  486: 'Busy Here',
  487: 'Request Terminated',
  488: 'Not Acceptable Here',
  489: 'Bad Event',
  491: 'Request Pending',
  500: 'Server Internal Error',
  603: 'Decline',
};

const COPIED = new Set(['via', 'from', 'to', 'call-id', 'cseq']);

export interface ResponseOptions {
  readonly status: number;
  readonly reason?: string;
  /** Tag of the To header; a response above 100 must have one (RFC 3261 §8.2.6.2). */
  readonly toTag?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function responseTo(request: SipRequest, options: ResponseOptions): SipResponse {
  const { status, toTag, headers = {} } = options;
  const copied = request.headers.filter(({ name }) => COPIED.has(name.toLowerCase()));
  return {
    kind: 'response',
    status,
    reason: options.reason ?? REASONS[status] ?? 'Unknown',
    headers: [
      ...copied.map((header) =>
        header.name.toLowerCase() === 'to' ? { ...header, value: tagged(request, toTag) } : header,
      ),
      ...Object.entries(headers).map(([name, value]) => ({ name, value })),
    ],
    body: NO_BODY,
  };
}

function tagged(request: SipRequest, tag: string | undefined): string {
  const to = firstHeader(request, 'To') ?? '';
  return tag === undefined || tagOf(to) !== undefined ? to : `${to};tag=${tag}`;
}

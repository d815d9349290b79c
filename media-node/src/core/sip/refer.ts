import { parseNameAddr, parseParameters } from './name-addr.ts';

/** RFC 3891 §6.1, seen from whoever is to be replaced: its own tag is the to-tag. */
export interface Replaces {
  readonly callId: string;
  readonly toTag: string;
  readonly fromTag: string;
  readonly isEarlyOnly: boolean;
}

const WORD = /^[!-~]{1,256}$/;

/** Undefined where it names no dialog. */
export function parseReplaces(value: string): Replaces | undefined {
  const [callId = ''] = value.split(';', 1);
  const parameters = parseParameters(value.slice(callId.length));
  const { 'to-tag': toTag, 'from-tag': fromTag } = parameters;
  // What it names is written into a header of ours.
  if (![callId.trim(), toTag ?? '', fromTag ?? ''].every((it) => WORD.test(it))) return undefined;
  return {
    ...{ callId: callId.trim(), toTag: toTag ?? '', fromTag: fromTag ?? '' },
    isEarlyOnly: 'early-only' in parameters,
  };
}

export const replacesHeader = ({ callId, fromTag, toTag }: Replaces): string =>
  `${callId};to-tag=${toTag};from-tag=${fromTag}`;

/** What a REFER asks for (RFC 3515 §2.1). */
export interface ReferTo {
  readonly method: string;
  /** Request-URI of what is asked for. */
  readonly target: string;
  readonly replaces?: Replaces;
}

export function parseReferTo(value: string): ReferTo | undefined {
  const uri = parseNameAddr(value)?.uri;
  if (!uri) return undefined;
  const asked = headerIn(uri.headers, 'replaces');
  const replaces = asked === undefined ? undefined : parseReplaces(asked);
  if (asked !== undefined && !replaces) return undefined;
  const [bare = ''] = uri.text.split('?', 1);
  return {
    method: uri.parameters['method']?.toUpperCase() ?? 'INVITE',
    target: bare.replace(/;method=[^;?]*/i, ''),
    ...(replaces && { replaces }),
  };
}

/** RFC 3891 §3: whom it reaches must know of Replaces, or would ring beside the call. */
export function referToHeader(target: string, replaces?: Replaces): string {
  if (!replaces) return `<${target}>`;
  return `<${target}?Replaces=${encodeURIComponent(replacesHeader(replaces))}&Require=replaces>`;
}

function headerIn(headers: string, wanted: string): string | undefined {
  const found = headers
    .split('&')
    .map((it) => it.split('=', 2))
    .find(([name = '']) => name.toLowerCase() === wanted);
  return found?.[1] === undefined ? undefined : unescaped(found[1]);
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A malformed escape names no dialog.
    return '';
  }
}

export const SIPFRAG_TYPE = 'message/sipfrag';

/** Status in the body of a NOTIFY (RFC 3515 §2.4.5). */
export function statusOfSipfrag(body: string): number | undefined {
  const status = /^SIP\/2\.0 ([1-6]\d\d)\b/i.exec(body.trimStart())?.[1];
  return status === undefined ? undefined : Number(status);
}

const REASONS: Readonly<Record<number, string>> = {
  100: 'Trying',
  180: 'Ringing',
  183: 'Session Progress',
  200: 'OK',
  486: 'Busy Here',
  487: 'Request Terminated',
  603: 'Decline',
};

export const sipfragOf = (status: number): string =>
  `SIP/2.0 ${String(status)} ${REASONS[status] ?? (status < 300 ? 'OK' : 'Failed')}\r\n`;

import { listOf } from '../sip/headers.ts';
import { parseNameAddr } from '../sip/name-addr.ts';

const CALLABLE = new Set(['sip', 'sips', 'tel']);

/** Where a 3xx points, best first (RFC 3261 §8.1.3.4, §20.10). */
export function redirectionsOf(contacts: readonly string[]): readonly string[] {
  return listOf(contacts)
    .map(parseNameAddr)
    .filter((it) => it !== undefined)
    .filter(({ uri }) => CALLABLE.has(uri.scheme))
    .map(({ uri, parameters }) => ({ uri: uri.text, q: qOf(parameters['q']) }))
    .sort((a, b) => b.q - a.q)
    .map(({ uri }) => uri);
}

function qOf(text: string | null | undefined): number {
  const q = Number(text ?? 1);
  return q >= 0 && q <= 1 ? q : 0;
}

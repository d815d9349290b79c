import { type Impu, impu } from '@isthmus/shared/domain/ids';
import { type HeaderValues, listOf, tokensOf } from './headers.ts';
import { parseNameAddr } from './name-addr.ts';

export interface Caller {
  readonly uri: string;
  readonly displayName?: string;
}

/** RFC 3323 §4.1.1.3; what stands in From when the caller hides. */
export const ANONYMOUS: Caller = {
  uri: 'sip:anonymous@anonymous.invalid',
  displayName: 'Anonymous',
};
const HIDING = new Set(['id', 'user', 'header']);

/**
 * P-Called-Party-ID, else the Request-URI (3GPP TS 24.229 §5.1.2A.1.2). It is the URI as the
 * caller wrote it, `;transport=udp` or `;user=phone` and all; an identity has no such parameters.
 */
export function calledImpuOf(headers: HeaderValues, requestUri: string): Impu {
  const [called] = headers('p-called-party-id').map(parseNameAddr);
  return impu(withoutParameters(called?.uri.text ?? requestUri));
}

/** A number is one identity in both forms (RFC 3261 §19.1.6); a binding may have been made of either. */
export function aliasesOf(called: Impu, homeDomain: string): readonly Impu[] {
  const [, tel] = /^tel:(\+\d+)$/i.exec(called) ?? [];
  if (tel !== undefined) return [called, impu(`sip:${tel}@${homeDomain}`)];
  const [, sip] = /^sips?:(\+\d+)@/i.exec(called) ?? [];
  return sip === undefined ? [called] : [called, impu(`tel:${sip}`)];
}

const withoutParameters = (uri: string): string => uri.replace(/^(sips?:[^@]*@[^;?]*).*$/i, '$1');

/**
 * P-Asserted-Identity is the network's word and beats From, which is the caller's own
 * (RFC 3325 §9.1). Privacy hides both, even where the network left the assertion in.
 */
export function callerOf(headers: HeaderValues): Caller {
  if (tokensOf(headers('privacy').flatMap((it) => it.split(';'))).some((it) => HIDING.has(it)))
    return ANONYMOUS;
  const asserted = listOf(headers('p-asserted-identity')).map(parseNameAddr);
  const callable = asserted.find((it) => it && it.uri.scheme !== 'urn');
  const shown = callable ?? headers('from').map(parseNameAddr)[0];
  if (!shown) return ANONYMOUS;
  const { displayName, uri } = shown;
  return displayName === '' ? { uri: uri.text } : { uri: uri.text, displayName };
}

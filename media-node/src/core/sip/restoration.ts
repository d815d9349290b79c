import { childOf, type XmlElement } from '../xml/xml-element.ts';
import type { SipMessage } from './message.ts';
import { parseNameAddr, splitList } from './name-addr.ts';
import { mediaTypeOf } from './sdp-body.ts';
import { type SipUri, sameAddress } from './uri.ts';

/** 3GPP TS 24.229 §7.6. */
const IMS_XML = 'application/3gpp-ims+xml';

/**
 * The document of a 504 by which those that serve us say that they have forgotten us: only they may,
 * each by the name it gave itself in Service-Route or Path (3GPP TS 24.229 §5.1.2A.1.6).
 */
export function alternativeServiceIn(
  { body, cseq, headers, start }: SipMessage,
  serving: readonly SipUri[],
): string | undefined {
  if (start.kind !== 'response' || start.status !== 504 || cseq.method === 'REGISTER') {
    return undefined;
  }
  const valuesOf = (name: string): readonly string[] =>
    headers.filter((it) => it.name === name).flatMap(({ value }) => splitList(value));
  if (!valuesOf('content-type').some((it) => mediaTypeOf(it) === IMS_XML)) return undefined;
  const asserted = valuesOf('p-asserted-identity').map((it) => parseNameAddr(it)?.uri);
  const isOurs = asserted.some((uri) => uri && serving.some((it) => isSamePlace(it, uri)));
  return isOurs ? body : undefined;
}

const isSamePlace = (a: SipUri, b: SipUri): boolean => sameAddress(a, b) && a.port === b.port;

/** Whether the document asks for an initial registration for the sake of restoration. */
export function asksForRegistration(root: XmlElement): boolean {
  const service = childOf(root, 'alternative-service');
  return (
    root.name === 'ims-3gpp' &&
    service !== undefined &&
    says(service, 'type', 'restoration') &&
    says(service, 'action', 'initial-registration')
  );
}

/** The word stands as an element in the schema, and as text with some. */
function says(service: XmlElement, name: string, word: string): boolean {
  const said = childOf(service, name);
  return said !== undefined && (said.text === word || childOf(said, word) !== undefined);
}

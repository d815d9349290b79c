import { childOf, childrenOf, type XmlElement } from '../../xml/xml-element.ts';

/** A document of the reg event package (RFC 3680 §5). */
export interface RegInfo {
  readonly version: number;
  /** A partial one tells only what changed. */
  readonly isFull: boolean;
  readonly registrations: readonly RegistrationInfo[];
}

/** One public identity; an implicit set comes as several. */
export interface RegistrationInfo {
  readonly aor: string;
  readonly state: 'init' | 'active' | 'terminated';
  readonly contacts: readonly ContactInfo[];
}

export interface ContactInfo {
  readonly id: string;
  readonly uri: string;
  readonly isActive: boolean;
  /** How it came to be so: `created`, `shortened`, `deactivated` … */
  readonly event: string;
  readonly expiresS?: number;
  readonly retryAfterS?: number;
  /** `urn:uuid:…` of `+sip.instance`. */
  readonly instanceId?: string;
  /** RFC 5628 §5.1. */
  readonly gruus: { readonly public?: string; readonly temporary?: string };
}

export const REG_INFO_TYPE = 'application/reginfo+xml';
const GRUU_NAMESPACE = 'urn:ietf:params:xml:ns:gruuinfo';
const MAX_VERSION = 2 ** 32;
const STATES = { init: 'init', active: 'active', terminated: 'terminated' } as const;

/** Undefined: no registration information that could be trusted in any part. */
export function readRegInfo(root: XmlElement): RegInfo | undefined {
  const version = numberOf(root.attributes['version']);
  const { state } = root.attributes;
  if (root.name !== 'reginfo' || version === undefined || version > MAX_VERSION) return undefined;
  if (state !== 'full' && state !== 'partial') return undefined;
  const registrations = childrenOf(root, 'registration', root.namespace).map(registrationOf);
  const good = registrations.filter((it) => it !== undefined);
  if (good.length < registrations.length) return undefined;
  return { version, isFull: state === 'full', registrations: good };
}

function registrationOf(element: XmlElement): RegistrationInfo | undefined {
  const { aor } = element.attributes;
  const state = oneOf(STATES, element.attributes['state']);
  const contacts = childrenOf(element, 'contact', element.namespace).map(contactOf);
  const good = contacts.filter((it) => it !== undefined);
  if (aor === undefined || !state || good.length < contacts.length) return undefined;
  return { aor, state, contacts: good };
}

function contactOf(element: XmlElement): ContactInfo | undefined {
  const { event, id, state } = element.attributes;
  const uri = childOf(element, 'uri', element.namespace)?.text;
  if (id === undefined || event === undefined || uri === undefined) return undefined;
  if (state !== 'active' && state !== 'terminated') return undefined;
  const expiresS = numberOf(element.attributes['expires']);
  const retryAfterS = numberOf(element.attributes['retry-after']);
  const instanceId = instanceOf(element);
  return {
    ...{ id, uri, event, isActive: state === 'active' },
    ...(expiresS !== undefined && { expiresS }),
    ...(retryAfterS !== undefined && { retryAfterS }),
    ...(instanceId !== undefined && { instanceId }),
    gruus: gruusOf(element),
  };
}

/** The parameter's value as it stood in Contact, `"<urn:uuid:…>"`, quotes and brackets or not. */
function instanceOf(element: XmlElement): string | undefined {
  const parameter = childrenOf(element, 'unknown-param', element.namespace).find(
    ({ attributes }) => attributes['name']?.toLowerCase() === '+sip.instance',
  );
  return parameter?.text.replace(/^"?<?|>?"?$/g, '');
}

function gruusOf(element: XmlElement): ContactInfo['gruus'] {
  const uriOf = (name: string): string | undefined =>
    childOf(element, name, GRUU_NAMESPACE)?.attributes['uri'];
  const [permanent, temporary] = [uriOf('pub-gruu'), uriOf('temp-gruu')];
  return {
    ...(permanent !== undefined && { public: permanent }),
    ...(temporary !== undefined && { temporary }),
  };
}

const numberOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^\s*\d{1,10}\s*$/.test(text) ? Number(text) : undefined;

const oneOf = <T extends string>(
  known: Readonly<Record<string, T>>,
  text: string | undefined,
): T | undefined => (text !== undefined && Object.hasOwn(known, text) ? known[text] : undefined);

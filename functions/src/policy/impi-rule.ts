import { type Impi, type Impu, impi, impu } from '@isthmus/shared/domain/ids';

const SIP_ADDRESS = /^(?:sip:)?([^@:;?\s]+)@([A-Za-z0-9.-]+)$/i;

const DEFAULT_RULE = '{user}@{domain}';

/** What a user types as public identity, with or without `sip:`, in its canonical form. */
export function impuOf(text: string): Impu | undefined {
  const match = SIP_ADDRESS.exec(text.trim());
  if (!match) return undefined;
  const [, user = '', domain = ''] = match;
  // The host part is not case-sensitive, the user part is (RFC 3261 §19.1.4).
  return impu(`sip:${user}@${domain.toLowerCase()}`);
}

/** The private identity of a public one by the tenant's rule (REG-2). */
export function impiOf(identity: Impu, rule: string = DEFAULT_RULE): Impi {
  const [, user = '', domain = ''] = SIP_ADDRESS.exec(identity) ?? [];
  return impi(rule.replaceAll('{user}', user).replaceAll('{domain}', domain));
}

/** `username@realm` (3GPP TS 23.003 §13.3) of what RFC 7542 §2.2 lets stand unquoted in both. */
const NAI = /^[\w!#$%&'*+/=?^`{|}~.-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*$/;

/** Why a rule could never register anybody; undefined where it could. */
export function faultOfImpiRule(rule: string): string | undefined {
  // Without it all users would share one private identity, and with it each other's challenges.
  if (!rule.includes('{user}')) return '{user} is missing';
  const example = impiOf(impu('sip:alice@ims.example'), rule);
  if (/[{}]/.test(example)) return 'it knows {user} and {domain} alone';
  return NAI.test(example) ? undefined : `${example} is no private identity: user@realm`;
}

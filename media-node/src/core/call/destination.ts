import type {
  DestinationPolicy,
  DestinationRule,
  EmergencyPolicy,
} from '@isthmus/shared/store/calling-policy';
import { parseUri, type SipUri } from '../sip/uri.ts';
import { canonicalNumber, type NumberHome, plainNumber } from './number-plan.ts';

/** 3GPP TS 22.101 §10.1: the first two everywhere, the others where no list says otherwise. */
const ALWAYS_EMERGENCY = ['112', '911'];
const USUALLY_EMERGENCY = ['000', '08', '110', '118', '119', '999'];

/** Where a Request-URI leads, whatever way it is written. */
export interface Destination {
  /** In lower case; undefined for tel and urn. */
  readonly domain: string | undefined;
  /** Canonical; undefined for a name, and for a number that only means something elsewhere. */
  readonly number: string | undefined;
  readonly isEmergencyService: boolean;
}

export function destinationOf(requestUri: string, home: NumberHome): Destination {
  const uri = parseUri(requestUri);
  if (!uri || uri.scheme === 'urn') {
    return { domain: undefined, number: undefined, isEmergencyService: uri !== undefined };
  }
  const domain = uri.scheme === 'tel' ? undefined : uri.host.toLowerCase().replace(/\.$/, '');
  const written = plainNumber(uri.user?.split(';', 1)[0] ?? '');
  const isOurs = written?.startsWith('+') || isTelephony(uri, domain, home.homeDomain);
  const number = written !== undefined && isOurs ? canonicalNumber(written, home) : undefined;
  return { domain, number, isEmergencyService: false };
}

/** A number at another domain is that domain's own affair, unless it says that it is a telephone's. */
function isTelephony(uri: SipUri, domain: string | undefined, homeDomain: string): boolean {
  if (domain === undefined || /^[\d.]+$|^\[/.test(domain)) return true;
  const user = uri.parameters['user']?.toLowerCase();
  if (user === 'phone' || user === 'dialstring') return true;
  return isWithin(domain, homeDomain.toLowerCase()) || /;phone-context=/i.test(uri.user ?? '');
}

const isWithin = (domain: string, of: string): boolean =>
  domain === of || domain.endsWith(`.${of}`);

export const emergencyNumbers = (policy: EmergencyPolicy | undefined): readonly string[] => [
  ...ALWAYS_EMERGENCY,
  ...(policy?.numbers ?? USUALLY_EMERGENCY),
];

/** Also behind the country code, as a telephone book that adds it would dial (`+49112`). */
export function isEmergency(
  { isEmergencyService, number }: Destination,
  numbers: readonly string[],
  { plan }: NumberHome,
): boolean {
  if (isEmergencyService) return true;
  const abroad = plan ? numbers.map((it) => `+${plan.countryCode}${it}`) : [];
  return number !== undefined && [...numbers, ...abroad].includes(number);
}

/** The rule that bars a destination; undefined where it may be called. */
export function barringRule(
  destination: Destination,
  { otherwise, rules }: DestinationPolicy,
  home: NumberHome,
): string | undefined {
  const decisive = rules.find((rule) => fits(rule, destination, home));
  if ((decisive?.action ?? otherwise) === 'allow') return undefined;
  if (!decisive) return 'otherwise';
  return 'number' in decisive ? decisive.number : decisive.domain;
}

function fits(rule: DestinationRule, { domain, number }: Destination, home: NumberHome): boolean {
  if ('domain' in rule) return domain !== undefined && isWithin(domain, rule.domain.toLowerCase());
  return number?.startsWith(canonicalNumber(rule.number, home)) ?? false;
}

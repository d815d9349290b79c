import type { NumberPlan } from '@isthmus/shared/store/calling-policy';

/** ITU-T E.164 §6: fifteen digits at most. */
const GLOBAL = /^\+\d{3,15}$/;
const VISUAL_SEPARATORS = /[().\-\s]/g;
const DIALLED = /^\+?[0-9*#A-Da-d]+$/;

/** A dialled number without what only the eye needs (RFC 3966 §5.1.1); undefined for a name. */
export function plainNumber(text: string): string | undefined {
  const number = text.replace(VISUAL_SEPARATORS, '');
  return DIALLED.test(number) && /[\d*#]/.test(number) ? number : undefined;
}

export const isGlobal = (number: string): boolean => GLOBAL.test(number);

/** What numbers mean to the users of one tenant. */
export interface NumberHome {
  readonly homeDomain: string;
  readonly plan?: NumberPlan | undefined;
  /** They stay as dialled: short codes and emergency numbers. */
  readonly shortCodes: ReadonlySet<string>;
}

/** A number as everybody in the world would dial it; local numbers and short codes stay as they are. */
export function canonicalNumber(number: string, { plan, shortCodes }: NumberHome): string {
  if (!plan || number.startsWith('+') || shortCodes.has(number)) return number;
  const { countryCode, internationalPrefix, nationalDigits, trunkPrefix } = plan;
  const afterInternational = without(number, internationalPrefix);
  if (afterInternational !== undefined) return `+${afterInternational}`;
  const afterTrunk = trunkPrefix === '' ? undefined : without(number, trunkPrefix);
  if (afterTrunk !== undefined) return `+${countryCode}${afterTrunk}`;
  const isNational = number.length === nationalDigits && /^\d+$/.test(number);
  return isNational ? `+${countryCode}${number}` : number;
}

/** Undefined where the number does not begin so, or is not all digits. */
function without(number: string, prefix: string): string | undefined {
  const rest = number.slice(prefix.length);
  return number.startsWith(prefix) && /^\d+$/.test(rest) ? rest : undefined;
}

/**
 * A number → the URI it is called by (RFC 3966; RFC 3261 §19.1.6), a service code as a dial string
 * (RFC 4967). Undefined where it is none of E.164.
 */
export function numberUri(number: string, home: NumberHome): string | undefined {
  const { homeDomain, plan } = home;
  const called = canonicalNumber(number, home);
  if (called.startsWith('+')) {
    if (!isGlobal(called)) return undefined;
    return plan?.globalAs === 'sip' ? `sip:${called}@${homeDomain};user=phone` : `tel:${called}`;
  }
  const context = plan?.phoneContext ?? homeDomain;
  const user = `${called.replaceAll('#', '%23')};phone-context=${context}`;
  if (/[*#]/.test(called)) return `sip:${user}@${homeDomain};user=dialstring`;
  return plan?.localAs === 'sip' ? `sip:${user}@${homeDomain};user=phone` : `tel:${user}`;
}

import { IwfError } from '@isthmus/shared/errors/iwf-error';
import { err, ok, type Result } from '@isthmus/shared/result';
import { isGlobal, type NumberHome, numberUri, plainNumber } from './number-plan.ts';

/** RFC 3261 §25.1 user and host, narrowed to what can be dialled; nothing of it can end a header. */
const USER = "[A-Za-z0-9\\-_.!~*'()&=+$,;?/%]{1,128}";
const HOST = '(?:[A-Za-z0-9.-]{1,253}|\\[[0-9A-Fa-f:.]{2,45}\\])';
const SIP_URI = new RegExp(
  `^sips?:${USER}@${HOST}(?::\\d{1,5})?(?:;[A-Za-z0-9=.;+_:%-]{1,256})?$`,
  'i',
);
const TEL_URI = /^tel:(\+?[0-9A-Da-d*#().-]{1,32})((?:;[A-Za-z0-9=.;+_-]{1,128})?)$/i;
const SHORT = new RegExp(`^${USER}$`);
/** RFC 5031 §4.2; `sos` alone or one service below it. */
const EMERGENCY_URN = /^urn:service:sos(?:\.[a-z0-9-]{1,32}){0,4}$/i;

type Target = Result<string, IwfError>;

/**
 * What a user dialled → Request-URI. Numbers go by the tenant's plan; without one, a number with `+`
 * is a global tel URI (RFC 3966 §5.1.4) and any other a user of the home domain, as a name is.
 */
export function requestUriOf(dialled: string, home: NumberHome): Target {
  const target = dialled.trim();
  if (SIP_URI.test(target) || EMERGENCY_URN.test(target)) return ok(target);
  const [, telNumber, parameters = ''] = TEL_URI.exec(target) ?? [];
  if (telNumber !== undefined) return telUriOf(telNumber, parameters, home);
  // The bracketed nought of `+49 (0)30` is dialled at home only.
  const number = plainNumber(target.startsWith('+') ? target.replace('(0)', '') : target);
  if (number !== undefined) return numberOf(number, home);
  if (SHORT.test(target)) return ok(`sip:${target}@${home.homeDomain}`);
  const address = `sip:${target}`;
  return SIP_URI.test(address) ? ok(address) : bad('neither a number nor an address');
}

function numberOf(number: string, home: NumberHome): Target {
  if (number.startsWith('+') || home.plan) return called(numberUri(number, home));
  return ok(`sip:${number.replaceAll('#', '%23')}@${home.homeDomain}`);
}

/** A local number is meaningless without its context (RFC 3966 §5.1.5). */
function telUriOf(text: string, parameters: string, home: NumberHome): Target {
  const number = plainNumber(text);
  if (number === undefined) return bad('not a telephone number');
  if (/;phone-context=/i.test(parameters)) return ok(`tel:${number}${parameters}`);
  if (!number.startsWith('+')) return called(numberUri(number, home));
  return isGlobal(number) ? ok(`tel:${number}${parameters}`) : bad('not a number of E.164');
}

const called = (uri: string | undefined): Target =>
  uri === undefined ? bad('not a number of E.164') : ok(uri);

const bad = (reason: string): Target => err(new IwfError('call.bad-target', { reason }));

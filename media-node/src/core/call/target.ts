import { IwfError } from '@isthmus/shared/errors/iwf-error';
import { err, ok, type Result } from '@isthmus/shared/result';

/** RFC 3261 §25.1 user and host, narrowed to what can be dialled; nothing of it can end a header. */
const USER = "[A-Za-z0-9\\-_.!~*'()&=+$,;?/%]{1,128}";
const HOST = '(?:[A-Za-z0-9.-]{1,253}|\\[[0-9A-Fa-f:.]{2,45}\\])';
const SIP_URI = new RegExp(`^sips?:${USER}@${HOST}(?::\\d{1,5})?(?:;[A-Za-z0-9=.;_-]{1,128})?$`);
const TEL_URI = /^tel:\+?[0-9A-Da-d*#().-]{1,32}(?:;[A-Za-z0-9=.;+_-]{1,128})?$/;
const GLOBAL_NUMBER = /^\+[0-9().\s-]{3,32}$/;
const SHORT = new RegExp(`^${USER}$`);

/**
 * What a user dialled → Request-URI. A number with `+` is a global tel URI (RFC 3966 §5.1.4); a bare
 * name or short number is a user of the home domain.
 */
export function requestUriOf(dialled: string, homeDomain: string): Result<string, IwfError> {
  const target = dialled.trim();
  if (SIP_URI.test(target) || TEL_URI.test(target)) return ok(target);
  if (GLOBAL_NUMBER.test(target)) return ok(`tel:${target.replace(/[().\s-]/g, '')}`);
  if (SHORT.test(target)) return ok(`sip:${target}@${homeDomain}`);
  const address = `sip:${target}`;
  if (SIP_URI.test(address)) return ok(address);
  return err(new IwfError('call.bad-target', { reason: 'neither a number nor an address' }));
}

import { IwfError } from '@isthmus/shared/errors/iwf-error';
import { err, ok, type Result } from '@isthmus/shared/result';
import type { CallingPolicy } from '@isthmus/shared/store/calling-policy';
import type { TenantItem } from '@isthmus/shared/store/items';
import { customHeaders } from '../sip/custom-headers.ts';
import { barringRule, destinationOf, emergencyNumbers, isEmergency } from './destination.ts';
import { requestUriOf } from './target.ts';

export interface AskedCall {
  readonly target: string;
  readonly privacy?: boolean | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** What the tenant's rules leave of a call that was asked for. */
export interface AllowedCall {
  /** Request-URI. */
  readonly target: string;
  readonly isEmergency: boolean;
  readonly privacy?: boolean;
  readonly headers?: readonly string[];
  readonly accessNetworkInfo?: string;
}

const SOS = 'urn:service:sos';

/** The one gate of calls toward IMS: number plan, emergency, barring, headers, privacy (SES-6). */
export function allowCall(
  asked: AskedCall,
  { calling = {}, ims }: Pick<TenantItem, 'calling' | 'ims'>,
): Result<AllowedCall, IwfError> {
  const { numbers: plan } = calling;
  const emergency = emergencyNumbers(calling.emergency);
  const shortCodes = new Set([...emergency, ...(plan?.shortCodes ?? [])]);
  const home = { homeDomain: ims.homeDomain, plan, shortCodes };
  const target = requestUriOf(asked.target, home);
  if (!target.ok) return target;
  const { accessNetworkInfo } = calling;
  const access = accessNetworkInfo === undefined ? {} : { accessNetworkInfo };
  const destination = destinationOf(target.value, home);
  if (isEmergency(destination, emergency, home)) {
    return emergencyCall(target.value, calling, access);
  }
  const { destinations } = calling;
  const rule = destinations && barringRule(destination, destinations, home);
  if (rule !== undefined) return err(new IwfError('call.destination-barred', { rule }));
  const headers = customHeaders(asked.headers ?? {}, calling.headers ?? []);
  if (!headers.ok) return headers;
  return ok({
    target: target.value,
    isEmergency: false,
    ...(headers.value.length > 0 && { headers: headers.value }),
    ...(asked.privacy !== undefined && { privacy: asked.privacy }),
    ...access,
  });
}

/** A callee cannot send a call where its caller may not call, nor to an emergency centre. */
export function redirectTarget(
  target: string,
  tenant: Pick<TenantItem, 'calling' | 'ims'>,
): string | undefined {
  const allowed = allowCall({ target }, tenant);
  return allowed.ok && !allowed.value.isEmergency ? allowed.value.target : undefined;
}

/** Whoever answers an emergency call must be able to call back: nothing is hidden, nothing added. */
function emergencyCall(
  target: string,
  { emergency }: CallingPolicy,
  access: Pick<AllowedCall, 'accessNetworkInfo'>,
): Result<AllowedCall, IwfError> {
  const handling = emergency?.handling ?? 'refuse';
  if (handling === 'refuse') return err(new IwfError('call.emergency-refused', {}));
  const isUrn = target.toLowerCase().startsWith(SOS);
  const called = handling === 'as-service-urn' && !isUrn ? SOS : target;
  return ok({ target: called, isEmergency: true, ...access });
}

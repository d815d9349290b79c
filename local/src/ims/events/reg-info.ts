import type { ImsSubscriber } from '../ims-types.ts';
import type { Change } from '../registrar/bindings.ts';
import { associatedUris, isWildcard } from '../registrar/identities.ts';

export interface RegInfoOptions {
  readonly version: number;
  readonly state: 'full' | 'partial';
  readonly nowMs: number;
  /** Whether any contact is bound, told here or not. */
  readonly isRegistered: boolean;
}

export const REG_INFO_TYPE = 'application/reginfo+xml';

/**
 * RFC 3680 §5: the same contacts under each identity of the implicit set that is not barred
 * (3GPP TS 24.229 §5.4.2.1.2). Wildcarded entries stand for no identity of their own and are left out.
 */
export function regInfo(
  subscriber: ImsSubscriber,
  contacts: readonly Change[],
  options: RegInfoOptions,
): string {
  const { isRegistered, nowMs, state, version } = options;
  const bound = contacts.map((it) => contactXml(it, nowMs)).join('');
  const status = isRegistered ? 'active' : 'terminated';
  const registrations = associatedUris(subscriber)
    .filter((impu) => !isWildcard(impu))
    .map(
      (aor, at) =>
        `<registration aor="${escaped(aor)}" id="r${String(at)}" state="${status}">${bound}</registration>`,
    );
  return [
    '<?xml version="1.0"?>\n',
    `<reginfo xmlns="urn:ietf:params:xml:ns:reginfo" version="${String(version)}" state="${state}">`,
    ...registrations,
    '</reginfo>',
  ].join('');
}

function contactXml({ binding, event, retryAfterS }: Change, nowMs: number): string {
  const isActive = isOfActive(event);
  const leftS = Math.max(0, Math.round((binding.expiresAtMs - nowMs) / 1_000));
  const attributes = [
    `id="${binding.id}" state="${isActive ? 'active' : 'terminated'}" event="${event}"`,
    ...(isActive ? [`expires="${String(leftS)}"`] : []),
    ...(retryAfterS === undefined ? [] : [`retry-after="${String(retryAfterS)}"`]),
  ].join(' ');
  const instance = /;\+sip\.instance=("[^"]*")/i.exec(binding.contactParams)?.[1];
  const params =
    instance === undefined
      ? ''
      : `<unknown-param name="+sip.instance">${escaped(instance)}</unknown-param>`;
  return `<contact ${attributes}><uri>${escaped(binding.contactUri)}</uri>${params}</contact>`;
}

const isOfActive = (event: Change['event']): boolean =>
  event === 'registered' || event === 'refreshed' || event === 'shortened';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

const escaped = (text: string): string => text.replace(/[&<>"]/g, (char) => ENTITIES[char] ?? char);

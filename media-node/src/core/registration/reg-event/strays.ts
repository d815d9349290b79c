import { parseUri, type SipUri } from '../../sip/uri.ts';
import type { RegInfo } from './reg-info.ts';
import type { OwnContact } from './reg-view.ts';

/**
 * Contacts that stand under our instance and are not ours: a registrar that does not know
 * instances (RFC 5626 §6) keeps those of a node that died, and forks to them.
 */
export function straysIn({ registrations }: RegInfo, own: OwnContact): readonly string[] {
  const ours = parseUri(own.uri);
  if (!ours) return [];
  const instance = own.instanceId.toLowerCase();
  const foreign = registrations
    .flatMap(({ contacts }) => contacts)
    .filter((it) => it.isActive && it.instanceId?.toLowerCase() === instance)
    .map(({ uri }) => parseUri(uri))
    .filter((uri) => uri !== undefined && !isOurs(uri, ours));
  return [...new Set(foreign.flatMap((uri) => uri?.text ?? []))];
}

/** The Contact of a block has no user part (RFC 6140 §5.2). */
const isOurs = (uri: SipUri, ours: SipUri): boolean =>
  uri.host.toLowerCase() === ours.host.toLowerCase() &&
  uri.port === ours.port &&
  (uri.user === undefined || uri.user === ours.user);

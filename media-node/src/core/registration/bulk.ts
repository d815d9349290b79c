import { type Impu, impu } from '@isthmus/shared/domain/ids';
import type { NameAddr } from '../sip/name-addr.ts';
import { parseUri, type SipUri } from '../sip/uri.ts';

/** `try`: with a registrar that does not know bulk registration the implicit set serves alone. */
export type BulkMode = 'off' | 'try' | 'require';

/** Registration for many numbers at once (RFC 6140). */
export interface BulkRegistration {
  readonly mode: BulkMode;
  /** Identities of the block: agreed upon beforehand, for no response names them (RFC 6140 §4). */
  readonly numbers: readonly Impu[];
}

export const BULK_OPTION_TAG = 'gin';

/** RFC 6140 §5.1: every proxy on the way has to know it as well. */
export const BULK_HEADERS: readonly string[] = [
  `Require: ${BULK_OPTION_TAG}`,
  `Proxy-Require: ${BULK_OPTION_TAG}`,
];

/** Our Contact without a user part, which the registrar puts in for each number (RFC 6140 §5.2). */
export const bulkContactUri = (contactUri: string): string =>
  `${contactUri.replace(/^(sips?:)[^@]*@/, '$1')};bnc`;

const isBulk = ({ parameters, user }: SipUri): boolean =>
  user === undefined && Object.hasOwn(parameters, 'bnc');

/** Whether a Contact of a response is the bulk one of ours. */
export function isOwnBulk(contact: NameAddr | undefined, contactUri: string): boolean {
  const ours = parseUri(contactUri);
  return (
    contact !== undefined &&
    ours !== undefined &&
    isBulk(contact.uri) &&
    sameHost(contact.uri, ours)
  );
}

export interface BulkResponse {
  readonly status: number;
  /** Whether our Contact came back as one for the whole block. */
  readonly isGranted: boolean;
  readonly isFarewell: boolean;
}

/**
 * `plain-now`: the same once more without bulk registration. `withdraw-then-…`: the registrar took
 * the Contact for an ordinary one, under which no number would be found; it is taken back first.
 */
export type BulkVerdict = 'as-it-is' | 'plain-now' | 'withdraw-then-plain' | 'withdraw-then-refuse';

/** 420: gin is not known (RFC 3261 §8.2.2.3). 400: a Contact without user is not (RFC 6140 §5.2). */
const UNKNOWN_STATUSES = new Set([400, 420]);

export function bulkVerdict(mode: BulkMode, response: BulkResponse): BulkVerdict {
  const { isFarewell, isGranted, status } = response;
  if (mode === 'off' || isFarewell) return 'as-it-is';
  if (status >= 200 && status < 300 && !isGranted) {
    return mode === 'try' ? 'withdraw-then-plain' : 'withdraw-then-refuse';
  }
  return mode === 'try' && UNKNOWN_STATUSES.has(status) ? 'plain-now' : 'as-it-is';
}

/**
 * The identity that was called: a number that the registrar put into our Contact is one of the home
 * domain (RFC 6140 §5.3); anything else stays what it is.
 */
export function bulkIdentity(
  called: string,
  { contactUri, homeDomain }: { readonly contactUri: string; readonly homeDomain: string },
): Impu {
  const [uri, ours] = [parseUri(called), parseUri(contactUri)];
  if (!uri || !ours || uri.user === undefined || !sameHost(uri, ours)) return impu(called);
  return impu(`sip:${uri.user}@${homeDomain}`);
}

/**
 * The GRUU of one number out of that of the block, with a mark of ours that comes back in requests
 * to it (RFC 6140 §7.1.1).
 */
export function bulkGruu(gruu: string, identity: string, mark: string): string | undefined {
  const user = parseUri(identity)?.user;
  const block = parseUri(gruu);
  if (user === undefined || !block || !Object.hasOwn(block.parameters, 'gr')) return undefined;
  const parameters = Object.entries(block.parameters).filter(
    ([name]) => !['bnc', 'sg'].includes(name),
  );
  const kept = parameters.map(([name, value]) =>
    value === null ? `;${name}` : `;${name}=${value}`,
  );
  return `sip:${user}@${hostOf(block)}${kept.join('')};sg=${mark}`;
}

/** The mark of a request to such a GRUU. */
export const bulkMarkOf = ({ parameters }: SipUri): string | undefined =>
  parameters['sg'] ?? undefined;

const sameHost = (one: SipUri, other: SipUri): boolean =>
  one.host.toLowerCase() === other.host.toLowerCase() && one.port === other.port;

const hostOf = ({ host, port }: SipUri): string =>
  port === undefined ? host : `${host}:${String(port)}`;

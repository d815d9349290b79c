import { type Fingerprints, readFingerprints } from './fingerprint.ts';
import {
  type Attribute,
  attribute,
  attributes,
  type MediaSection,
  type SessionDescription,
} from './session-description.ts';

export const SETUPS = ['active', 'passive', 'actpass'] as const;
/** Who begins the handshake (RFC 8842 §5.1). */
export type Setup = (typeof SETUPS)[number];

/** What a description says of DTLS for one stream. */
export interface DtlsLines {
  readonly setup: Setup;
  readonly fingerprints: Fingerprints;
  /** Absent of peers older than RFC 8842. */
  readonly tlsId?: string;
}

const TLS_ID = /^[A-Za-z0-9+/\-_]{20,255}$/;

/** Of the section, else of the session (RFC 8122 §5, RFC 4145 §4). `undefined`: nothing that can be used. */
export function readDtls(
  section: MediaSection,
  session: SessionDescription,
): DtlsLines | undefined {
  const own = attributes(section, 'fingerprint');
  const fingerprints = readFingerprints(own.length > 0 ? own : attributes(session, 'fingerprint'));
  const said = (attribute(section, 'setup') ?? attribute(session, 'setup'))?.trim();
  const setup = SETUPS.find((it) => it === said);
  if (!(fingerprints && setup)) return undefined;
  const tlsId = attribute(section, 'tls-id')?.trim();
  return { setup, fingerprints, ...(tlsId !== undefined && TLS_ID.test(tlsId) ? { tlsId } : {}) };
}

export const dtlsAttributes = ({
  setup,
  fingerprints: { algorithm, values },
  tlsId,
}: DtlsLines): readonly Attribute[] => [
  { name: 'setup', value: setup },
  ...values.map((value) => ({ name: 'fingerprint', value: `${algorithm} ${value}` })),
  ...(tlsId === undefined ? [] : [{ name: 'tls-id', value: tlsId }]),
];

import type { Attribute, MediaSection } from './session-description.ts';

export interface WrittenSession {
  /** Numeric; the version rises by one with every changed description (RFC 3264 §8). */
  readonly id: string;
  readonly version: number;
  readonly address: string;
  readonly attributes: readonly Attribute[];
  readonly media: readonly MediaSection[];
}

/** Strict: the lines and the order of RFC 8866 §5, CRLF, nothing more. */
export function writeSdp({ id, version, address, attributes, media }: WrittenSession): string {
  const lines = [
    'v=0',
    `o=- ${id} ${String(version)} IN ${addressType(address)} ${address}`,
    's=-',
    `c=IN ${addressType(address)} ${address}`,
    't=0 0',
    ...attributes.map(attributeLine),
    ...media.flatMap(sectionLines),
  ];
  return `${lines.join('\r\n')}\r\n`;
}

const addressType = (address: string): string => (address.includes(':') ? 'IP6' : 'IP4');

const attributeLine = ({ name, value }: Attribute): string =>
  value === undefined ? `a=${name}` : `a=${name}:${value}`;

function sectionLines(section: MediaSection): readonly string[] {
  const { kind, port, protocol, formats, connection, attributes } = section;
  return [
    `m=${kind} ${String(port)} ${protocol} ${formats.join(' ')}`,
    ...(connection === undefined ? [] : [`c=IN ${addressType(connection)} ${connection}`]),
    ...bandwidthLines(section),
    ...attributes.map(attributeLine),
  ];
}

const bandwidthLines = ({ bandwidthKbps, rtcpBandwidth }: MediaSection): readonly string[] =>
  Object.entries({ AS: bandwidthKbps, ...rtcpBandwidth }).flatMap(([name, value]) =>
    value === undefined ? [] : [`b=${name}:${String(value)}`],
  );

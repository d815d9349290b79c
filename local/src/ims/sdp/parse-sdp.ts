export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

export interface SdpMedia {
  readonly kind: string;
  readonly port: number;
  readonly protocol: string;
  readonly formats: readonly string[];
  readonly host: string;
  readonly attributes: readonly SdpAttribute[];
}

export interface SdpAttribute {
  readonly name: string;
  readonly value: string;
}

export interface Sdp {
  readonly attributes: readonly SdpAttribute[];
  readonly media: readonly SdpMedia[];
}

export interface SdpCodec {
  readonly payloadType: number;
  readonly name: string;
  readonly clockRateHz: number;
  /** `opus/48000/2` as it stands in the rtpmap. */
  readonly mapping: string;
  readonly parameters?: string;
}

/** Payload types that need no rtpmap (RFC 3551 Table 4). */
const STATIC_MAPPINGS: Readonly<Record<string, string>> = {
  '0': 'PCMU/8000',
  '3': 'GSM/8000',
  '4': 'G723/8000',
  '8': 'PCMA/8000',
  '9': 'G722/8000',
  '18': 'G729/8000',
};

export function parseSdp(text: string): Sdp | undefined {
  const lines = text.split(/\r?\n/).filter((line) => line !== '');
  if (lines[0] !== 'v=0') return undefined;
  const starts = lines.flatMap((line, at) => (line.startsWith('m=') ? [at] : []));
  const session = lines.slice(0, starts[0]);
  const sessionHost = hostOf(session);
  const media = starts.map((start, at) =>
    parseMedia(lines.slice(start, starts[at + 1]), sessionHost),
  );
  const isWhole = media.every((it) => it !== undefined);
  return isWhole ? { attributes: attributesOf(session), media } : undefined;
}

const MEDIA_LINE = /^m=(\S+) (\d{1,5})(?:\/\d+)? (\S+) (.+)$/;

function parseMedia(
  lines: readonly string[],
  sessionHost: string | undefined,
): SdpMedia | undefined {
  const [, kind, port, protocol, formats] = MEDIA_LINE.exec(lines[0] ?? '') ?? [];
  const host = hostOf(lines) ?? sessionHost;
  if (kind === undefined || protocol === undefined || formats === undefined) return undefined;
  if (host === undefined) return undefined;
  return {
    kind,
    port: Number(port),
    protocol,
    formats: formats.trim().split(/\s+/),
    host,
    attributes: attributesOf(lines),
  };
}

function hostOf(lines: readonly string[]): string | undefined {
  return lines
    .map((line) => /^c=IN IP[46] ([^\s/]+)/.exec(line)?.[1])
    .find((host) => host !== undefined);
}

function attributesOf(lines: readonly string[]): readonly SdpAttribute[] {
  return lines.flatMap((line) => {
    const [, name, value = ''] = /^a=([^:\s]+)(?::(.*))?$/.exec(line) ?? [];
    return name === undefined ? [] : [{ name: name.toLowerCase(), value: value.trim() }];
  });
}

export function codecsOf(media: SdpMedia): readonly SdpCodec[] {
  return media.formats.flatMap((format) => {
    const mapping = lineFor(media, 'rtpmap', format) ?? STATIC_MAPPINGS[format];
    const [name, clockRate] = mapping?.split('/') ?? [];
    if (mapping === undefined || name === undefined || !/^\d{1,3}$/.test(format)) return [];
    const parameters = lineFor(media, 'fmtp', format);
    return [
      {
        payloadType: Number(format),
        name,
        clockRateHz: Number(clockRate),
        mapping,
        ...(parameters === undefined ? {} : { parameters }),
      },
    ];
  });
}

function lineFor(media: SdpMedia, name: string, format: string): string | undefined {
  const line = media.attributes.find((it) => it.name === name && it.value.startsWith(`${format} `));
  return line?.value.slice(format.length + 1).trim();
}

const DIRECTIONS: readonly string[] = ['sendrecv', 'sendonly', 'recvonly', 'inactive'];

export function directionOf(sdp: Sdp, media: SdpMedia): Direction {
  // The old way to hold (RFC 2543 §B.5): nothing can be sent to this address.
  if (media.host === '0.0.0.0') return 'inactive';
  const found = [...media.attributes, ...sdp.attributes].find(({ name }) =>
    DIRECTIONS.includes(name),
  );
  return (found?.name as Direction | undefined) ?? 'sendrecv';
}

/** The RTCP port: RTP's plus one unless told (RFC 3605). */
export function rtcpPortOf(media: SdpMedia): number {
  const told = media.attributes.find(({ name }) => name === 'rtcp')?.value.split(' ')[0];
  return told !== undefined && /^\d{1,5}$/.test(told) ? Number(told) : media.port + 1;
}

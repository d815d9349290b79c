import { IwfError } from '@isthmus/shared/errors/iwf-error';
import { err, ok, type Result } from '@isthmus/shared/result';
import type {
  Attribute,
  MediaSection,
  RtcpBandwidth,
  SessionDescription,
} from './session-description.ts';

const MAX_CHARS = 16 * 1024;
const MAX_LINE_CHARS = 2048;
const MAX_MEDIA = 8;
const MAX_FORMATS = 64;

export type SdpResult<T> = Result<T, IwfError<'sdp.malformed'>>;

export const malformed = (reason: string): SdpResult<never> =>
  err(new IwfError('sdp.malformed', { reason }));

interface OpenSection {
  connection?: string;
  bandwidthKbps?: number;
  rtcpBandwidth?: RtcpBandwidth;
  readonly attributes: Attribute[];
}

/** Reads tolerantly: order of lines, unknown lines and line ends are not insisted on. */
export function parseSdp(text: string): SdpResult<SessionDescription> {
  const unfit = unfitness(text);
  if (unfit !== undefined) return malformed(unfit);
  const session: OpenSection = { attributes: [] };
  const media: (OpenSection & MediaSection)[] = [];
  for (const line of text.split(LINE_END)) {
    if (line.startsWith('m=')) {
      const section = readMediaLine(line.slice(2));
      if (!section || media.length === MAX_MEDIA) return malformed('media lines');
      media.push(section);
    } else {
      takeLine(media.at(-1) ?? session, line);
    }
  }
  return ok({ ...session, media });
}

const LINE_END = /\r\n|\n|\r/;

function unfitness(text: string): string | undefined {
  if (text.length > MAX_CHARS) return 'too long';
  if (!text.startsWith('v=0')) return 'no v=0 line';
  const hasLongLine = text.split(LINE_END).some((line) => line.length > MAX_LINE_CHARS);
  return hasLongLine ? 'a line is too long' : undefined;
}

function readMediaLine(text: string): (OpenSection & MediaSection) | undefined {
  const [kind, port, protocol, ...formats] = text.trim().split(/ +/);
  if (!(kind && port && protocol) || formats.length > MAX_FORMATS) return undefined;
  // A port count (`49170/2`) is for layered encodings; the first port is the one that counts.
  const number = /^(\d{1,5})(?:\/\d+)?$/.exec(port)?.[1];
  if (number === undefined || Number(number) > 65_535) return undefined;
  return { kind, port: Number(number), protocol, formats, attributes: [] };
}

function takeLine(section: OpenSection, line: string): void {
  if (line.startsWith('a=')) {
    const [, name, value] = /^a=([^:]+)(?::(.*))?$/.exec(line.trimEnd()) ?? [];
    if (name) section.attributes.push(value === undefined ? { name } : { name, value });
    return;
  }
  const address = /^c=IN IP[46] ([^ /]+)/.exec(line)?.[1];
  if (address) section.connection = address;
  const kbps = /^b=AS:(\d{1,7})\s*$/.exec(line)?.[1];
  if (kbps) section.bandwidthKbps = Number(kbps);
  const [, name, bps] = /^b=(RS|RR):(\d{1,9})\s*$/.exec(line) ?? [];
  if (name) section.rtcpBandwidth = { ...section.rtcpBandwidth, [name]: Number(bps) };
}

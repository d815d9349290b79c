import { EVS_FORMAT, isPlainEvs } from '../voice/evs-format.ts';
import { isOctetAligned, isPlainAmr, MAX_RED_MS } from '../voice/format-parameters.ts';
import { type Attribute, attributes, type MediaSection } from './session-description.ts';

export interface Codec {
  readonly name: string;
  readonly clockRateHz: number;
  readonly channels: number;
  readonly fmtp?: string;
  /** We make it of the browser's Opus: the browser itself is not asked for it. */
  readonly isMade?: boolean;
}

export interface CodecWithPayload extends Codec {
  readonly payloadType: number;
}

export const TELEPHONE_EVENT = 'telephone-event';

/**
 * We follow any rule for changing modes; `max-red` as 3GPP TS 26.114 table 6.1 has it, 220 or less. CRCs, sorting and
 * interleaving it has nobody offer.
 */
const AMR_FORMAT = `mode-change-capability=2;max-red=${String(MAX_RED_MS)}`;
const ALIGNED = `octet-align=1;${AMR_FORMAT}`;

/** G.722 samples at 16 kHz but its RTP clock counts 8000 (RFC 3551 §4.5.2). */
const VOICE: readonly CodecWithPayload[] = [
  { name: 'G722', clockRateHz: 8000, channels: 1, payloadType: 9 },
  { name: 'PCMA', clockRateHz: 8000, channels: 1, payloadType: 8 },
  { name: 'PCMU', clockRateHz: 8000, channels: 1, payloadType: 0 },
  // The rtpmap of Opus always says 2 channels, whatever is sent (RFC 7587 §7).
  { name: 'opus', clockRateHz: 48_000, channels: 2, fmtp: 'useinbandfec=1', payloadType: 111 },
  // Both framings, for there are phones that know one alone (3GPP TS 26.114 §6.2.2.2).
  { name: 'AMR-WB', clockRateHz: 16_000, channels: 1, fmtp: AMR_FORMAT, payloadType: 104 },
  { name: 'AMR-WB', clockRateHz: 16_000, channels: 1, fmtp: ALIGNED, payloadType: 105 },
  { name: 'AMR', clockRateHz: 8000, channels: 1, fmtp: AMR_FORMAT, payloadType: 106 },
  { name: 'AMR', clockRateHz: 8000, channels: 1, fmtp: ALIGNED, payloadType: 107 },
  { name: 'EVS', clockRateHz: 16_000, channels: 1, fmtp: EVS_FORMAT, payloadType: 108 },
];

/** Comfort noise of codecs that have none of their own, at its static number (RFC 3389 §4). */
const NOISE: CodecWithPayload = { name: 'CN', clockRateHz: 8000, channels: 1, payloadType: 13 };
const WITH_NOISE = ['G722', 'PCMA', 'PCMU'];

const EVENT_PAYLOADS: ReadonlyMap<number, number> = new Map([
  [8000, 101],
  [16_000, 102],
  [48_000, 110],
]);

/** Two framings of AMR are two codecs: a payload of one cannot be read as the other. */
export const isSameCodec = (a: Codec, b: Codec): boolean =>
  a.clockRateHz === b.clockRateHz &&
  a.name.toLowerCase() === b.name.toLowerCase() &&
  (!isAmr(a) || isOctetAligned(a.fmtp) === isOctetAligned(b.fmtp));

export const isAmr = ({ name }: Codec): boolean => /^amr(-wb)?$/i.test(name);

export const isEvs = ({ name }: Codec): boolean => name.toUpperCase() === 'EVS';

export const isOpus = (codec: Codec): boolean => codec.name.toLowerCase() === 'opus';

export const isEvent = (codec: Codec): boolean => codec.name.toLowerCase() === TELEPHONE_EVENT;
export const isNoise = (codec: Codec): boolean => isSameCodec(codec, NOISE);
/** Those that have no comfort noise of their own. */
export const hasNoise = ({ name }: Codec): boolean => WITH_NOISE.includes(name.toUpperCase());
const isVoice = (codec: Codec): boolean =>
  VOICE.some((it) => isSameCodec(it, { ...codec, fmtp: it.fmtp ?? '' }));

/** The voice codecs of these names that we know, in the order of the names, as we number them. */
export const voiceCodecs = (names: readonly string[]): readonly CodecWithPayload[] =>
  names.flatMap((name) => VOICE.filter((it) => it.name.toLowerCase() === name.toLowerCase()));

/**
 * The voice codecs given, and telephone-event once at each of their clock rates (RFC 4733 §2.1).
 * Comfort noise where it is ours to make and to hear: a browser that is passed through to would have
 * to agree to it before IMS has.
 */
export function withEvents(voice: readonly CodecWithPayload[]): readonly CodecWithPayload[] {
  const rates = new Set(voice.map((it) => it.clockRateHz));
  const events = [...rates].flatMap((clockRateHz) => {
    const payloadType = EVENT_PAYLOADS.get(clockRateHz);
    if (payloadType === undefined) return [];
    return [{ name: TELEPHONE_EVENT, clockRateHz, channels: 1, fmtp: '0-15', payloadType }];
  });
  const quiet = voice.filter(hasNoise);
  const noise = quiet.length > 0 && quiet.every((it) => it.isMade) ? [NOISE] : [];
  return [...voice, ...noise, ...events];
}

/** Voice, comfort noise and telephone-event of a section, in its order of preference. What else it has is left. */
export function readCodecs(section: MediaSection): readonly CodecWithPayload[] {
  const maps = byPayload(attributes(section, 'rtpmap'));
  const fmtps = byPayload(attributes(section, 'fmtp'));
  return section.formats.flatMap((format) => {
    const codec = readCodec(format, maps.get(format));
    if (!codec || !(isVoice(codec) || isEvent(codec) || isNoise(codec))) return [];
    const fmtp = fmtps.get(format);
    const read = fmtp === undefined ? codec : { ...codec, fmtp };
    return isPlain(read) ? [read] : [];
  });
}

/** One channel, framed as we can read it. */
function isPlain(codec: Codec): boolean {
  if (isAmr(codec)) return codec.channels === 1 && isPlainAmr(codec.fmtp);
  return !isEvs(codec) || (codec.channels === 1 && isPlainEvs(codec.fmtp));
}

const byPayload = (values: readonly string[]): ReadonlyMap<string, string> =>
  new Map(
    values.map((value) => {
      const space = value.indexOf(' ');
      return [value.slice(0, space), value.slice(space + 1).trim()] as const;
    }),
  );

function readCodec(format: string, map: string | undefined): CodecWithPayload | undefined {
  const payloadType = Number(format);
  if (!/^\d{1,3}$/.test(format) || payloadType > 127) return undefined;
  // The static numbers need no rtpmap (RFC 3551 §6).
  if (map === undefined)
    return [...VOICE, NOISE].find((it) => it.payloadType === payloadType && payloadType < 35);
  const [, name, rate, channels] = /^([\w.-]+)\/(\d{1,6})(?:\/(\d{1,2}))?$/.exec(map) ?? [];
  if (name === undefined) return undefined;
  return { payloadType, name, clockRateHz: Number(rate), channels: Number(channels ?? 1) };
}

/** Those of `ours` that `theirs` has too, in the order and with the numbers of `ours`. */
export const commonCodecs = (
  ours: readonly CodecWithPayload[],
  theirs: readonly Codec[],
): readonly CodecWithPayload[] =>
  ours.filter((own) => theirs.some((other) => isSameCodec(own, other)));

export const voiceOf = (codecs: readonly CodecWithPayload[]): readonly CodecWithPayload[] =>
  codecs.filter((codec) => !(isEvent(codec) || isNoise(codec)));

/** The voice codecs chosen out of `codecs`, with the events of their clock rates, and their noise. */
export function withTheirEvents(
  voice: readonly CodecWithPayload[],
  codecs: readonly CodecWithPayload[],
): readonly CodecWithPayload[] {
  const rates = new Set(voice.map((it) => it.clockRateHz));
  const events = codecs.filter((it) => isEvent(it) && rates.has(it.clockRateHz));
  // There are phones that have AMR-WB, and events at 8 kHz alone.
  const isLeftOut = events.length === 0 && rates.has(16_000);
  const slower = isLeftOut ? codecs.filter((it) => isEvent(it) && it.clockRateHz === 8000) : [];
  const noise = voice.some((it) => it.isMade && hasNoise(it)) ? codecs.filter(isNoise) : [];
  return [...voice, ...noise, ...events, ...slower];
}

export const formatsOf = (codecs: readonly CodecWithPayload[]): readonly string[] =>
  codecs.map((it) => String(it.payloadType));

export const codecAttributes = (codecs: readonly CodecWithPayload[]): readonly Attribute[] =>
  codecs.flatMap(({ payloadType, name, clockRateHz, channels, fmtp }) => {
    const format = String(payloadType);
    const rate = channels > 1 ? [clockRateHz, channels].join('/') : String(clockRateHz);
    const map = { name: 'rtpmap', value: `${format} ${name}/${rate}` };
    return fmtp === undefined ? [map] : [map, { name: 'fmtp', value: `${format} ${fmtp}` }];
  });

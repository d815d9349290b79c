import type { Feedback } from '../../ports/media-plane.ts';
import { H264_DEFAULT_ID, h264ProfileOf, hasSliceGroups } from './h264-profile.ts';
import { type Attribute, attributes, type MediaSection } from './session-description.ts';

/** A video format of one section: number and, of H.264, what tells two of them apart. */
export interface VideoCodec {
  readonly name: 'H264' | 'VP8';
  readonly payloadType: number;
  readonly fmtp?: string;
  /** We encode it ourselves: its rate is ours to follow. */
  readonly isMade?: boolean;
}

/** What every browser has (RFC 7742 §5, §6.2), for one that has not said; clear of numbers in use. */
export const OF_EVERY_BROWSER: readonly VideoCodec[] = [
  {
    ...{ name: 'H264', payloadType: 120 },
    fmtp: 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
  },
  {
    ...{ name: 'H264', payloadType: 121 },
    fmtp: 'level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f',
  },
  { name: 'VP8', payloadType: 122 },
];

export const VIDEO_CLOCK_HZ = 90_000;
/** Toward a browser we number them so, clear of our voice and of 64–95 (RFC 5761 §4). */
const FIRST_OWN_NUMBER = 112;

/** The video formats of a section; what repairs or wraps them (RTX, RED, FEC) ends at this edge. */
export function readVideoCodecs(section: MediaSection): readonly VideoCodec[] {
  const maps = attributes(section, 'rtpmap');
  const fmtps = attributes(section, 'fmtp');
  return section.formats.flatMap((format) => {
    const payloadType = Number(format);
    if (!/^\d{1,3}$/.test(format) || payloadType > 127) return [];
    const map = maps.find((it) => it.startsWith(`${format} `))?.slice(format.length + 1);
    const name = VIDEO_NAMES.find((it) => map?.trim().toUpperCase() === `${it}/90000`);
    if (!name) return [];
    const fmtp = fmtps
      .find((it) => it.startsWith(`${format} `))
      ?.slice(format.length + 1)
      .trim();
    return [{ name, payloadType, ...(fmtp === undefined ? {} : { fmtp }) }];
  });
}

export const VIDEO_NAMES = ['H264', 'VP8'] as const;

/** Names of a tenant's list that are video. */
export const videoNames = (names: readonly string[]): readonly VideoCodec['name'][] =>
  names.flatMap((name) => VIDEO_NAMES.filter((it) => it === name.toUpperCase()));

/** Same format: of H.264 also profile and packetization mode; the level may differ (RFC 6184 §8.2.2). */
export function isSameVideo(a: VideoCodec, b: VideoCodec): boolean {
  if (a.name !== b.name) return false;
  return a.name === 'VP8' || (profileOf(a) === profileOf(b) && modeOf(a) === modeOf(b));
}

/** Those of `ours` that `theirs` has too, in the order and with the numbers of `ours`. */
export const commonVideo = (
  ours: readonly VideoCodec[],
  theirs: readonly VideoCodec[],
): readonly VideoCodec[] => ours.filter((own) => theirs.some((it) => isSameVideo(own, it)));

/** Formats of these names that we make of another, where `have` has none that is the same. */
export function madeByUs(
  names: readonly VideoCodec['name'][],
  have: readonly VideoCodec[],
): readonly VideoCodec[] {
  const used = new Set(have.map((it) => it.payloadType));
  const free = Array.from({ length: MAX_OWN }, (_, at) => FIRST_OWN_NUMBER + at).filter(
    (it) => !used.has(it),
  );
  return names
    .flatMap((name) =>
      OWN_FORMATS[name].map((it) => ({ name, payloadType: 0, isMade: true, ...it })),
    )
    .filter((it) => have.every((other) => !isSameVideo(other, it)))
    .flatMap((it, at) => free.slice(at, at + 1).map((payloadType) => ({ ...it, payloadType })));
}

/** Constrained baseline of level 3.1, first the packetization that has fragments (RFC 6184 §6.3). */
const OWN_FORMATS: Readonly<Record<VideoCodec['name'], readonly { readonly fmtp?: string }[]>> = {
  VP8: [{}],
  H264: [1, 0].map((mode) => ({
    fmtp: `profile-level-id=42e01f;packetization-mode=${String(mode)};level-asymmetry-allowed=1`,
  })),
};

/** What can be decoded and made: H.264 without interleaving, of profiles that take constrained baseline. */
export const canBeMade = (codec: VideoCodec): boolean =>
  codec.name === 'VP8' ||
  (modeOf(codec) !== '2' && /^(42|4d|58|64)/i.test(parameterOf(codec, 'profile-level-id') ?? '42'));

/** The same formats under numbers of ours. */
export const numberedByUs = (codecs: readonly VideoCodec[]): readonly VideoCodec[] =>
  codecs.slice(0, MAX_OWN).map((it, index) => ({ ...it, payloadType: FIRST_OWN_NUMBER + index }));
const MAX_OWN = 14;

export const parameterOf = ({ fmtp = '' }: VideoCodec, name: string): string | undefined =>
  fmtp
    .split(';')
    .map((it) => it.trim())
    .find((it) => it.toLowerCase().startsWith(`${name}=`))
    ?.slice(name.length + 1);

/** Parameter sets are those of the sender's own stream: they are not said back to him (RFC 6184 §8.2.2). */
export function withoutSets(codec: VideoCodec): VideoCodec {
  if (codec.fmtp === undefined) return codec;
  const rest = codec.fmtp.split(';').filter((it) => !/^\s*sprop-/i.test(it));
  return { ...codec, fmtp: rest.join(';') };
}

export const modeOf = (codec: VideoCodec): string =>
  parameterOf(codec, 'packetization-mode') ?? '0';

/** Of H.264. What announces slice groups is of no profile that a browser decodes. */
export function profileOf(codec: VideoCodec): string {
  const profile = h264ProfileOf(parameterOf(codec, 'profile-level-id') ?? H264_DEFAULT_ID);
  const sets = parameterOf(codec, 'sprop-parameter-sets') ?? '';
  return hasSliceGroups(sets) ? `${profile} in slice groups` : profile;
}

export const videoAttributes = (codecs: readonly VideoCodec[]): readonly Attribute[] =>
  codecs.flatMap(({ name, payloadType, fmtp }) => {
    const format = String(payloadType);
    const map = { name: 'rtpmap', value: `${format} ${name}/${String(VIDEO_CLOCK_HZ)}` };
    return fmtp === undefined ? [map] : [map, { name: 'fmtp', value: `${format} ${fmtp}` }];
  });

const FEEDBACK: Readonly<Record<Feedback, string>> = {
  nack: 'nack',
  pli: 'nack pli',
  fir: 'ccm fir',
  tmmbr: 'ccm tmmbr',
  remb: 'goog-remb',
};

/** Feedback a section takes for any of its formats; `*` is all (RFC 4585 §4.2). */
export const readFeedbackLines = (section: MediaSection): readonly Feedback[] => {
  const lines = attributes(section, 'rtcp-fb').map((it) => it.trim().replace(/^\S+\s+/, ''));
  return ALL_FEEDBACK.filter((kind) => lines.includes(FEEDBACK[kind]));
};

const OF_BOTH: readonly Feedback[] = ['nack', 'pli', 'fir'];
/** What we say toward each side; between the two the rest is translated. */
export const BROWSER_FEEDBACK: readonly Feedback[] = [...OF_BOTH, 'remb'];
export const IMS_FEEDBACK: readonly Feedback[] = [...OF_BOTH, 'tmmbr'];
const ALL_FEEDBACK: readonly Feedback[] = [...OF_BOTH, 'tmmbr', 'remb'];

/** `rates`: in what words a side may say how much it takes of a format that we make. */
export const feedbackAttributes = (
  codecs: readonly VideoCodec[],
  kinds: readonly Feedback[],
): readonly Attribute[] =>
  codecs.flatMap(({ payloadType }) =>
    kinds.map((kind) => ({
      name: 'rtcp-fb',
      value: `${String(payloadType)} ${FEEDBACK[kind]}`,
    })),
  );

/** 3GPP TS 26.114 §7.4.5. */
const ORIENTATION = 'urn:3gpp:video-orientation';

/** The number of the orientation extension; of the one-byte form only (RFC 8285 §4.2). */
export function readOrientation(section: MediaSection): number | undefined {
  const line = attributes(section, 'extmap').find((it) => it.split(/\s+/)[1] === ORIENTATION);
  const id = Number(/^(\d{1,2})(?:\/\w+)?\s/.exec(line ?? '')?.[1]);
  return id >= 1 && id <= 14 ? id : undefined;
}

export const orientationAttributes = (id: number | undefined): readonly Attribute[] =>
  id === undefined ? [] : [{ name: 'extmap', value: `${String(id)} ${ORIENTATION}` }];

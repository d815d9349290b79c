import type { AccessParameters } from '../../ports/media-plane.ts';
import type { BrowserMedia, SectionShape } from './browser-reading.ts';
import type { BrowserVideoSection } from './browser-video.ts';
import { readCandidate } from './candidate.ts';
import { type CodecWithPayload, codecAttributes, formatsOf } from './codecs.ts';
import type { Attribute, Direction, MediaSection } from './session-description.ts';
import {
  BROWSER_FEEDBACK,
  feedbackAttributes,
  orientationAttributes,
  videoAttributes,
} from './video-codecs.ts';
import { writeSdp } from './write.ts';

/** What stays the same in every description of one call toward its browser. */
export interface BrowserSide {
  readonly sessionId: string;
  readonly access: AccessParameters;
  readonly ssrc: number;
  readonly cname: string;
}

export interface BrowserDescription {
  readonly version: number;
  readonly sections: readonly SectionShape[];
  readonly audioIndex: number;
  readonly codecs: readonly CodecWithPayload[];
  readonly direction: Direction;
  readonly reducedSizeRtcp: boolean;
  readonly video?: BrowserVideoSection;
}

const PROTOCOL = 'UDP/TLS/RTP/SAVPF';

const FIRST_OFFER: readonly SectionShape[] = [
  { kind: 'audio', protocol: PROTOCOL, formats: [], mid: '0' },
];

/** The shape of an offer of ours where the browser has said nothing yet. */
export const firstOfferShape = {
  sections: FIRST_OFFER,
  audioIndex: 0,
  reducedSizeRtcp: true,
} as const;

export type OfferShape = Pick<BrowserMedia, 'sections' | 'audioIndex' | 'reducedSizeRtcp'>;

/** We are the DTLS server: the browser starts (RFC 8842 §5.3). */
export const writeBrowserAnswer = (side: BrowserSide, answer: BrowserDescription): string =>
  writeDescription(side, answer, 'passive');

/** An offer must leave the choice open (RFC 8842 §5.2); on a warm transport nothing changes. */
export const writeBrowserOffer = (side: BrowserSide, offer: BrowserDescription): string =>
  writeDescription(side, offer, 'actpass');

function writeDescription(
  side: BrowserSide,
  description: BrowserDescription,
  setup: 'actpass' | 'passive',
): string {
  const { audioIndex, version, video } = description;
  const { address, port } = defaultDestination(side.access);
  const sections = withRoomFor(description);
  const accepted = [audioIndex, ...(video ? [video.index] : [])].sort((a, b) => a - b);
  const midOf = (index: number): string => sections[index]?.mid ?? String(index);
  const written = (section: SectionShape, index: number): MediaSection => {
    const place = { side, description, setup, mid: midOf(index), port };
    if (index === audioIndex) return audioSection(place);
    return video && index === video.index ? videoSection(place, video) : refusedSection(section);
  };
  return writeSdp({
    id: side.sessionId,
    version,
    address,
    attributes: [
      // Only what was accepted may stand in the group (RFC 8843 §7.3.3).
      { name: 'group', value: `BUNDLE ${accepted.map(midOf).join(' ')}` },
      { name: 'msid-semantic', value: ' WMS *' },
      ...(side.access.isLite === true ? [{ name: 'ice-lite' }] : []),
    ],
    media: sections.map(written),
  });
}

/** Video that is ours to offer comes after all there is. */
function withRoomFor({ sections, video }: BrowserDescription): readonly SectionShape[] {
  if (!video || video.index < sections.length) return sections;
  const isTaken = sections.some(({ mid }) => mid === String(video.index));
  const mid = isTaken ? `video${String(video.index)}` : String(video.index);
  return [...sections, { kind: 'video', protocol: PROTOCOL, formats: [], mid }];
}

function defaultDestination({ candidates }: AccessParameters) {
  const candidate = candidates.flatMap((line) => readCandidate(line) ?? [])[0];
  return { address: candidate?.address ?? '0.0.0.0', port: candidate?.port ?? 9 };
}

interface Place {
  readonly side: BrowserSide;
  readonly description: BrowserDescription;
  readonly setup: 'actpass' | 'passive';
  readonly mid: string;
  readonly port: number;
}

function audioSection(place: Place): MediaSection {
  const { ssrc, cname } = place.side;
  const { codecs, direction } = place.description;
  return {
    kind: 'audio',
    port: place.port,
    protocol: PROTOCOL,
    formats: formatsOf(codecs),
    attributes: [
      ...transport(place, direction),
      ...codecAttributes(codecs),
      { name: 'ptime', value: '20' },
      { name: 'msid', value: `isthmus ${cname}` },
      { name: 'ssrc', value: `${String(ssrc)} cname:${cname}` },
      ...candidatesOf(place),
    ],
  };
}

/** In the bundle of the audio, and of the same source, so that lips and voice keep together. */
function videoSection(place: Place, video: BrowserVideoSection): MediaSection {
  const { cname } = place.side;
  const { codecs, direction, ssrc, orientation } = video;
  return {
    kind: 'video',
    port: place.port,
    protocol: PROTOCOL,
    formats: codecs.map((it) => String(it.payloadType)),
    attributes: [
      ...transport(place, direction),
      ...videoAttributes(codecs),
      ...feedbackAttributes(codecs, BROWSER_FEEDBACK),
      ...orientationAttributes(orientation),
      { name: 'msid', value: `isthmus ${cname}-video` },
      { name: 'ssrc', value: `${String(ssrc)} cname:${cname}` },
      ...candidatesOf(place),
    ],
  };
}

function transport(place: Place, direction: Direction): readonly Attribute[] {
  const { side, description, setup, mid } = place;
  const { access } = side;
  return [
    { name: 'mid', value: mid },
    { name: direction },
    { name: 'ice-ufrag', value: access.usernameFragment },
    { name: 'ice-pwd', value: access.password },
    { name: 'ice-options', value: 'trickle' },
    { name: 'fingerprint', value: `sha-256 ${access.fingerprint}` },
    { name: 'setup', value: setup },
    { name: 'rtcp-mux' },
    ...(description.reducedSizeRtcp ? [{ name: 'rtcp-rsize' }] : []),
  ];
}

const candidatesOf = ({ side }: Place): readonly Attribute[] => [
  ...side.access.candidates.map(candidateAttribute),
  { name: 'end-of-candidates' },
];

const candidateAttribute = (line: string): Attribute => ({
  name: 'candidate',
  value: line.replace(/^candidate:/, ''),
});

/** Refused, but in its place: the order of sections never changes (RFC 3264 §6). */
function refusedSection({ kind, protocol, formats, mid }: SectionShape): MediaSection {
  const named = mid === undefined ? [] : [{ name: 'mid', value: mid }];
  return { kind, port: 0, protocol, formats, attributes: [...named, { name: 'inactive' }] };
}

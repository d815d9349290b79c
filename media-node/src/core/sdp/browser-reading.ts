import { ok } from '@isthmus/shared/result';
import type { BrowserVideoMedia } from './browser-video.ts';
import { type CodecWithPayload, isNoise, readCodecs } from './codecs.ts';
import { type Fingerprints, readFingerprints } from './fingerprint.ts';
import { malformed, parseSdp, type SdpResult } from './parse.ts';
import {
  attribute,
  attributes,
  type Direction,
  directionOf,
  hasAttribute,
  type MediaSection,
  type SessionDescription,
} from './session-description.ts';
import { readFeedbackLines, readOrientation, readVideoCodecs } from './video-codecs.ts';

/** A section as the other side's answer has to echo it: same place, same kind, same mid. */
export interface SectionShape {
  readonly kind: string;
  readonly protocol: string;
  readonly formats: readonly string[];
  readonly mid?: string;
}

/** What a browser's offer or answer says about its transport and its audio. */
export interface BrowserMedia {
  readonly sections: readonly SectionShape[];
  readonly audioIndex: number;
  readonly codecs: readonly CodecWithPayload[];
  readonly direction: Direction;
  readonly usernameFragment: string;
  readonly password: string;
  readonly fingerprints: Fingerprints;
  readonly candidates: readonly string[];
  readonly reducedSizeRtcp: boolean;
  readonly video?: BrowserVideoMedia;
}

export type DescriptionType = 'offer' | 'answer';

/** The node is the DTLS server, so the browser must be able to be the client (RFC 8842 §5). */
const SETUPS: Readonly<Record<DescriptionType, readonly string[]>> = {
  offer: ['actpass', 'active'],
  answer: ['active'],
};
const PROTOCOLS = ['UDP/TLS/RTP/SAVPF', 'UDP/TLS/RTP/SAVP', 'TCP/TLS/RTP/SAVPF'];

export function readBrowserMedia(sdp: string, type: DescriptionType): SdpResult<BrowserMedia> {
  const parsed = parseSdp(sdp);
  if (!parsed.ok) return parsed;
  const session = parsed.value;
  const audioIndex = session.media.findIndex((it) => isUsable(it, 'audio'));
  const audio = session.media[audioIndex];
  if (!audio) return malformed('no usable audio section');
  if (!PROTOCOLS.includes(audio.protocol)) return malformed('audio is not DTLS-SRTP');
  if (!hasAttribute(audio, 'rtcp-mux')) return malformed('no rtcp-mux');
  const transport = readTransport(session, audio, type);
  if (!transport.ok) return transport;
  return ok({
    ...transport.value,
    sections: session.media.map(shapeOf),
    audioIndex,
    // Its comfort noise would have to be agreed before IMS has answered.
    codecs: readCodecs(audio).filter((it) => !isNoise(it)),
    direction: directionOf(audio, session),
    reducedSizeRtcp: hasAttribute(audio, 'rtcp-rsize'),
    ...videoOf(session),
  });
}

/** Port 0 refuses a section, except where it is only to be bundled (RFC 8843 §6). */
const isUsable = (section: MediaSection, kind: 'audio' | 'video'): boolean =>
  section.kind === kind && (section.port !== 0 || hasAttribute(section, 'bundle-only'));

/** The first video that shares the transport of the audio; another could not be carried. */
function videoOf(session: SessionDescription): Pick<BrowserMedia, 'video'> {
  const index = session.media.findIndex((it) => isUsable(it, 'video') && isCarried(it));
  const section = session.media[index];
  const codecs = section ? readVideoCodecs(section) : [];
  if (!section || codecs.length === 0) return {};
  const orientation = readOrientation(section);
  const { bandwidthKbps } = section;
  const video = {
    index,
    codecs,
    direction: directionOf(section, session),
    feedback: readFeedbackLines(section),
    ...(bandwidthKbps === undefined ? {} : { bandwidthKbps }),
  };
  return { video: orientation === undefined ? video : { ...video, orientation } };
}

const isCarried = (section: MediaSection): boolean =>
  PROTOCOLS.includes(section.protocol) && hasAttribute(section, 'rtcp-mux');

function shapeOf(section: MediaSection): SectionShape {
  const { kind, protocol, formats } = section;
  const mid = attribute(section, 'mid');
  return { kind, protocol, formats, ...(mid === undefined ? {} : { mid }) };
}

type Transport = Pick<
  BrowserMedia,
  'usernameFragment' | 'password' | 'fingerprints' | 'candidates'
>;

/** Transport attributes of a bundle may stand in another section of it, or at session level. */
function readTransport(
  session: SessionDescription,
  audio: MediaSection,
  type: DescriptionType,
): SdpResult<Transport> {
  const places = [audio, session, ...session.media];
  const find = (name: string): string | undefined =>
    places.map((place) => attribute(place, name)).find((value) => value !== undefined);
  const usernameFragment = find('ice-ufrag')?.trim();
  const password = find('ice-pwd')?.trim();
  if (!isIceText(usernameFragment, 4) || !isIceText(password, 22)) {
    return malformed('no ICE credentials');
  }
  const fingerprints = places
    .map((place) => readFingerprints(attributes(place, 'fingerprint')))
    .find((named) => named !== undefined);
  if (!fingerprints) return malformed('no usable fingerprint');
  const setup = find('setup')?.trim() ?? 'actpass';
  if (!SETUPS[type].includes(setup)) return malformed('the browser must be the DTLS client');
  const candidates = session.media.flatMap((section) => attributes(section, 'candidate'));
  return ok({
    usernameFragment,
    password,
    fingerprints,
    candidates: [...new Set(candidates)].map((value) => `candidate:${value}`),
  });
}

/** Characters and lengths of RFC 8839 §5.4. */
const isIceText = (text: string | undefined, minChars: number): text is string =>
  text !== undefined && text.length >= minChars && /^[A-Za-z0-9+/]{1,256}$/.test(text);

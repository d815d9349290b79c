import { IwfError } from '@isthmus/shared/errors/iwf-error';
import { err, ok, type Result } from '@isthmus/shared/result';
import type { Feedback, RtpEndpoint } from '../../ports/media-plane.ts';
import type { Packing } from '../../ports/transcoder.ts';
import type { AddressPolicy } from './address-policy.ts';
import { type CodecWithPayload, readCodecs } from './codecs.ts';
import { readDtls } from './dtls-lines.ts';
import type { ImsTerms } from './ims-terms.ts';
import { malformed, parseSdp, type SdpResult } from './parse.ts';
import { isProtectable, type Protectable } from './protection.ts';
import { readCrypto } from './sdes.ts';
import {
  attribute,
  type Direction,
  directionOf,
  hasAttribute,
  isRtcpOff,
  type MediaSection,
  narrowed,
  type SessionDescription,
} from './session-description.ts';
import {
  readFeedbackLines,
  readOrientation,
  readVideoCodecs,
  type VideoCodec,
} from './video-codecs.ts';

/** What a description of IMS says about one stream. */
export interface ImsStream extends Protectable {
  /** Which section it is. */
  readonly index: number;
  /**
   * Absent while the stream is on hold the old way (RFC 3264 §8.4, `c=IN IP4 0.0.0.0`). RTCP port 0
   * where it is switched off.
   */
  readonly remote?: RtpEndpoint;
  /** RTCP shares the port: they say so and our terms allow it. */
  readonly sharesPort: boolean;
  readonly direction: Direction;
  /** Empty for audio. */
  readonly video: readonly VideoCodec[];
  readonly feedback: readonly Feedback[];
  readonly orientation?: number;
  readonly bandwidthKbps?: number;
}

/** What an offer or answer of IMS says about its audio, and its video where it has any. */
export interface ImsMedia extends Omit<ImsStream, 'index' | 'video' | 'feedback' | 'orientation'> {
  /** Every section as it came; those we do not use are refused in an answer. */
  readonly sections: readonly MediaSection[];
  readonly audioIndex: number;
  readonly codecs: readonly CodecWithPayload[];
  readonly packing: Packing;
  readonly video?: ImsStream;
}

export interface ImsReading {
  readonly mayReach: AddressPolicy;
  readonly terms: ImsTerms;
}

const PROTOCOLS = [
  ...['RTP/AVP', 'RTP/AVPF', 'RTP/SAVP', 'RTP/SAVPF'],
  ...['UDP/TLS/RTP/SAVP', 'UDP/TLS/RTP/SAVPF'],
];
const UNSPECIFIED = ['0.0.0.0', '::'];

export function readImsMedia(sdp: string, reading: ImsReading): Result<ImsMedia, IwfError> {
  const parsed = parseSdp(sdp);
  if (!parsed.ok) return parsed;
  const session = parsed.value;
  const usable = session.media.filter((section) => isUsable(section, 'audio'));
  if (usable.length === 0) return malformed('no usable audio section');
  // Some offer one stream twice, with SRTP and without.
  const audio = usable.find((section) => fits(session, section, reading.terms));
  if (!audio) return err(new IwfError('sdp.no-common-security', {}));
  const stream = readStream(session, audio, reading);
  if (!stream.ok) return stream;
  const { index: audioIndex, video: _, feedback: __, orientation: ___, ...rest } = stream.value;
  const video = readVideo(session, reading);
  return ok({
    ...rest,
    audioIndex,
    sections: session.media,
    codecs: readCodecs(audio),
    packing: packingOf(audio),
    ...(video ? { video } : {}),
  });
}

/** Video that cannot be had is no reason to refuse the voice. */
function readVideo(session: SessionDescription, reading: ImsReading): ImsStream | undefined {
  const section = session.media.find(
    (it) =>
      isUsable(it, 'video') && fits(session, it, reading.terms) && readVideoCodecs(it).length > 0,
  );
  const read = section && readStream(session, section, reading);
  return read?.ok ? read.value : undefined;
}

function readStream(
  session: SessionDescription,
  section: MediaSection,
  reading: ImsReading,
): SdpResult<ImsStream> {
  const remote = readEndpoint(session, section, reading);
  if (!remote.ok) return remote;
  const stated = directionOf(section, session);
  const orientation = readOrientation(section);
  const { bandwidthKbps } = section;
  const dtls = readDtls(section, session);
  return ok({
    index: session.media.indexOf(section),
    protocol: section.protocol,
    ...(remote.value ? { remote: remote.value } : {}),
    sharesPort: sharesPort(section, reading.terms),
    crypto: readCrypto(section),
    ...(dtls ? { dtls } : {}),
    direction: remote.value ? stated : narrowed(stated, 'sendonly'),
    video: section.kind === 'video' ? readVideoCodecs(section) : [],
    feedback: readFeedbackLines(section),
    ...(orientation === undefined ? {} : { orientation }),
    ...(bandwidthKbps === undefined ? {} : { bandwidthKbps }),
  });
}

const FRAME_MS = 20;
/** More would delay speech beyond what anybody asks in earnest. */
const MAX_FRAMES = 4;

/** `ptime` and `maxptime`, RFC 8866 §6.4. */
function packingOf(audio: MediaSection): Packing {
  const frames = (name: string): number => {
    const ms = Number(attribute(audio, name));
    return ms >= FRAME_MS ? Math.floor(ms / FRAME_MS) : 1;
  };
  const wished = Math.min(MAX_FRAMES, frames('ptime'));
  if (attribute(audio, 'maxptime') === undefined) return { framesPerPacket: wished };
  const mostFrames = frames('maxptime');
  return { framesPerPacket: Math.min(mostFrames, wished), mostFrames };
}

const isUsable = (section: MediaSection, kind: 'audio' | 'video'): boolean =>
  section.kind === kind && section.port !== 0 && PROTOCOLS.includes(section.protocol);

function fits(session: SessionDescription, section: MediaSection, terms: ImsTerms): boolean {
  const [crypto, dtls] = [readCrypto(section), readDtls(section, session)];
  const { protocol } = section;
  return isProtectable({ protocol, crypto, ...(dtls ? { dtls } : {}) }, terms);
}

const sharesPort = (section: MediaSection, terms: ImsTerms): boolean =>
  terms.sharesPort && hasAttribute(section, 'rtcp-mux');

function readEndpoint(
  session: SessionDescription,
  audio: MediaSection,
  { mayReach, terms }: ImsReading,
): SdpResult<RtpEndpoint | undefined> {
  const address = audio.connection ?? session.connection;
  if (address === undefined) return malformed('no connection address');
  if (UNSPECIFIED.includes(address)) return ok(undefined);
  if (!mayReach(address)) return malformed('a connection address that is not allowed');
  if (isRtcpOff(audio, session)) return ok({ address, rtpPort: audio.port, rtcpPort: 0 });
  const rtcpPort = sharesPort(audio, terms) ? audio.port : rtcpPortOf(audio);
  if (rtcpPort === undefined) return malformed('an RTCP port that cannot be');
  return ok({ address, rtpPort: audio.port, rtcpPort });
}

/** The next port, or the one that is named (RFC 3605 §2.1). Another address there is not followed. */
function rtcpPortOf(audio: MediaSection): number | undefined {
  const named = attribute(audio, 'rtcp');
  if (named === undefined) return audio.port < 65_535 ? audio.port + 1 : undefined;
  const port = Number(/^(\d{1,5})(?: |$)/.exec(named.trim())?.[1]);
  return port >= 1 && port <= 65_535 ? port : undefined;
}

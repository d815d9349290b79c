import { IwfError } from '@isthmus/shared/errors/iwf-error';
import { err, ok, type Result } from '@isthmus/shared/result';
import type { RtpEndpoint } from '../../ports/media-plane.ts';
import type { AddressPolicy } from './address-policy.ts';
import { type CodecWithPayload, readCodecs } from './codecs.ts';
import type { ImsTerms } from './ims-terms.ts';
import { malformed, parseSdp, type SdpResult } from './parse.ts';
import { type CryptoLine, readCrypto } from './sdes.ts';
import {
  attribute,
  type Direction,
  directionOf,
  hasAttribute,
  type MediaSection,
  narrowed,
  type SessionDescription,
} from './session-description.ts';

/** What an offer or answer of IMS says about its audio. */
export interface ImsMedia {
  /** Every section as it came; all but the audio are refused in an answer. */
  readonly sections: readonly MediaSection[];
  readonly audioIndex: number;
  readonly protocol: string;
  /** Absent while the stream is on hold the old way (RFC 3264 §8.4, `c=IN IP4 0.0.0.0`). */
  readonly remote?: RtpEndpoint;
  /** RTCP shares the port: they say so and our terms allow it. */
  readonly sharesPort: boolean;
  readonly crypto: readonly CryptoLine[];
  readonly direction: Direction;
  readonly codecs: readonly CodecWithPayload[];
  /** Of 20 ms, as many as they would have in a packet (`ptime`, `maxptime`, RFC 8866 §6.4). */
  readonly framesPerPacket: number;
}

export interface ImsReading {
  readonly mayReach: AddressPolicy;
  readonly terms: ImsTerms;
}

const PROTOCOLS = ['RTP/AVP', 'RTP/AVPF', 'RTP/SAVP', 'RTP/SAVPF'];
const UNSPECIFIED = ['0.0.0.0', '::'];

export function readImsMedia(sdp: string, reading: ImsReading): Result<ImsMedia, IwfError> {
  const parsed = parseSdp(sdp);
  if (!parsed.ok) return parsed;
  const session = parsed.value;
  const usable = session.media.filter(isUsableAudio);
  if (usable.length === 0) return malformed('no usable audio section');
  // Some offer one stream twice, with SRTP and without.
  const audio = usable.find((section) => fits(section, reading.terms));
  if (!audio) return err(new IwfError('sdp.no-common-security', {}));
  const remote = readEndpoint(session, audio, reading);
  if (!remote.ok) return remote;
  const stated = directionOf(audio, session);
  return ok({
    sections: session.media,
    audioIndex: session.media.indexOf(audio),
    protocol: audio.protocol,
    ...(remote.value ? { remote: remote.value } : {}),
    sharesPort: sharesPort(audio, reading.terms),
    crypto: readCrypto(audio),
    direction: remote.value ? stated : narrowed(stated, 'sendonly'),
    codecs: readCodecs(audio),
    framesPerPacket: framesPerPacketOf(audio),
  });
}

const FRAME_MS = 20;
/** More would delay speech beyond what anybody asks in earnest. */
const MAX_FRAMES = 4;

function framesPerPacketOf(audio: MediaSection): number {
  const frames = (name: string): number => {
    const ms = Number(attribute(audio, name));
    return ms >= FRAME_MS ? Math.floor(ms / FRAME_MS) : 1;
  };
  const most = attribute(audio, 'maxptime') === undefined ? MAX_FRAMES : frames('maxptime');
  return Math.min(MAX_FRAMES, most, frames('ptime'));
}

const isUsableAudio = (section: MediaSection): boolean =>
  section.kind === 'audio' && section.port !== 0 && PROTOCOLS.includes(section.protocol);

function fits(section: MediaSection, { srtp, suites }: ImsTerms): boolean {
  const hasKeys = readCrypto(section).some((it) => suites.includes(it.suite));
  const mustProtect = section.protocol.startsWith('RTP/SAVP') || srtp === 'require';
  return mustProtect ? srtp !== 'never' && hasKeys : true;
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

import type { RtpEndpoint } from '../../ports/media-plane.ts';
import { type CodecWithPayload, codecAttributes, formatsOf, isAmr, isEvs } from './codecs.ts';
import {
  type Attribute,
  type Direction,
  type MediaSection,
  NO_RTCP,
} from './session-description.ts';
import { writeSdp } from './write.ts';

/** Our own end of the stream toward IMS. */
export interface ImsSide {
  readonly sessionId: string;
  readonly local: RtpEndpoint;
}

/** As many frames as a payload of AMR or EVS may have (3GPP TS 26.114 table 6.1): room for those sent twice. */
const MOST: Attribute = { name: 'maxptime', value: '240' };

export interface ImsDescription {
  readonly codecs: readonly CodecWithPayload[];
  readonly direction: Direction;
  readonly protocol: string;
  /** Offered, or agreed, that RTCP shares the port (RFC 5761 §5.1.1). */
  readonly sharesPort: boolean;
  /** Of keys, or of the handshake that makes them. */
  readonly protection: readonly Attribute[];
  /** They have switched RTCP off, and so do we. */
  readonly withoutRtcp?: boolean;
}

/** No BUNDLE, and each stream at a port of its own (3GPP TS 23.228 Annex U.2). */
export const writeIms = (
  { sessionId, local }: ImsSide,
  version: number,
  media: readonly MediaSection[],
): string => writeSdp({ id: sessionId, version, address: local.address, attributes: [], media });

/** Refused, but in its place (RFC 3264 §6). */
export const refused = ({ kind, protocol, formats }: MediaSection): MediaSection => ({
  kind,
  port: 0,
  protocol,
  formats,
  attributes: [],
});

/** A phone that measures how it hears us is to tell (RFC 3611 §5.2); others pass it over. */
const METRICS_ASKED: Attribute = { name: 'rtcp-xr', value: 'voip-metrics' };

export function audioSection({ local }: ImsSide, description: ImsDescription): MediaSection {
  const { codecs, direction, protocol, sharesPort, protection, withoutRtcp = false } = description;
  const sectionAttributes: readonly Attribute[] = [
    ...codecAttributes(codecs),
    { name: 'ptime', value: '20' },
    ...(codecs.some((it) => isAmr(it) || isEvs(it)) ? [MOST] : []),
    { name: 'rtcp', value: String(local.rtcpPort) },
    ...(sharesPort ? [{ name: 'rtcp-mux' }] : []),
    ...(withoutRtcp ? [] : [METRICS_ASKED]),
    ...protection,
    { name: direction },
  ];
  return {
    kind: 'audio',
    port: local.rtpPort,
    protocol,
    formats: formatsOf(codecs),
    ...(withoutRtcp ? { rtcpBandwidth: NO_RTCP } : {}),
    attributes: sectionAttributes,
  };
}

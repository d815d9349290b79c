import type { RtpEndpoint } from '../../ports/media-plane.ts';
import { type CodecWithPayload, codecAttributes, formatsOf } from './codecs.ts';
import type { ImsMedia } from './ims-reading.ts';
import type { Attribute, Direction, MediaSection } from './session-description.ts';
import { writeSdp } from './write.ts';

/** Our own end of the stream toward IMS. */
export interface ImsSide {
  readonly sessionId: string;
  readonly local: RtpEndpoint;
}

export interface ImsDescription {
  readonly version: number;
  readonly codecs: readonly CodecWithPayload[];
  readonly direction: Direction;
}

/** Plain RTP/AVP: no BUNDLE, no rtcp-mux, no feedback profile (3GPP TS 23.228 Annex U.2). */
export const writeImsOffer = (side: ImsSide, description: ImsDescription): string =>
  write(side, description, [audioSection(side, description, 'RTP/AVP')]);

/** One section for each of the offer, in its order; all but the audio refused (RFC 3264 §6). */
export const writeImsAnswer = (
  side: ImsSide,
  description: ImsDescription,
  offer: Pick<ImsMedia, 'sections' | 'audioIndex' | 'protocol'>,
): string =>
  write(
    side,
    description,
    offer.sections.map((section, index) =>
      index === offer.audioIndex
        ? audioSection(side, description, offer.protocol)
        : {
            kind: section.kind,
            port: 0,
            protocol: section.protocol,
            formats: section.formats,
            attributes: [],
          },
    ),
  );

function write(
  { sessionId, local }: ImsSide,
  { version }: ImsDescription,
  media: readonly MediaSection[],
): string {
  return writeSdp({ id: sessionId, version, address: local.address, attributes: [], media });
}

function audioSection(
  { local }: ImsSide,
  { codecs, direction }: ImsDescription,
  protocol: string,
): MediaSection {
  const sectionAttributes: readonly Attribute[] = [
    ...codecAttributes(codecs),
    { name: 'ptime', value: '20' },
    { name: 'rtcp', value: String(local.rtcpPort) },
    { name: direction },
  ];
  return {
    kind: 'audio',
    port: local.rtpPort,
    protocol,
    formats: formatsOf(codecs),
    attributes: sectionAttributes,
  };
}

import type { AccessParameters } from '../../ports/media-plane.ts';
import type { BrowserMedia, SectionShape } from './browser-reading.ts';
import { readCandidate } from './candidate.ts';
import { type CodecWithPayload, codecAttributes, formatsOf } from './codecs.ts';
import type { Attribute, Direction, MediaSection } from './session-description.ts';
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
}

const FIRST_OFFER: readonly SectionShape[] = [
  { kind: 'audio', protocol: 'UDP/TLS/RTP/SAVPF', formats: [], mid: '0' },
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
  const { sections, audioIndex, version } = description;
  const { address, port } = defaultDestination(side.access);
  const mid = sections[audioIndex]?.mid ?? '0';
  return writeSdp({
    id: side.sessionId,
    version,
    address,
    attributes: [
      // Only what was accepted may stand in the group (RFC 8843 §7.3.3).
      { name: 'group', value: `BUNDLE ${mid}` },
      { name: 'msid-semantic', value: ' WMS *' },
    ],
    media: sections.map((section, index) =>
      index === audioIndex
        ? audioSection({ side, description, setup, mid, port })
        : refusedSection(section),
    ),
  });
}

function defaultDestination({ candidates }: AccessParameters) {
  const candidate = candidates.flatMap((line) => readCandidate(line) ?? [])[0];
  return { address: candidate?.address ?? '0.0.0.0', port: candidate?.port ?? 9 };
}

interface AudioSection {
  readonly side: BrowserSide;
  readonly description: BrowserDescription;
  readonly setup: 'actpass' | 'passive';
  readonly mid: string;
  readonly port: number;
}

function audioSection({ side, description, setup, mid, port }: AudioSection): MediaSection {
  const { access, ssrc, cname } = side;
  const { codecs, direction, reducedSizeRtcp } = description;
  const stream = `isthmus ${cname}`;
  return {
    kind: 'audio',
    port,
    protocol: 'UDP/TLS/RTP/SAVPF',
    formats: formatsOf(codecs),
    attributes: [
      { name: 'mid', value: mid },
      { name: direction },
      { name: 'ice-ufrag', value: access.usernameFragment },
      { name: 'ice-pwd', value: access.password },
      { name: 'ice-options', value: 'trickle' },
      { name: 'fingerprint', value: `sha-256 ${access.fingerprint}` },
      { name: 'setup', value: setup },
      { name: 'rtcp-mux' },
      ...(reducedSizeRtcp ? [{ name: 'rtcp-rsize' }] : []),
      ...codecAttributes(codecs),
      { name: 'ptime', value: '20' },
      { name: 'msid', value: stream },
      { name: 'ssrc', value: `${String(ssrc)} cname:${cname}` },
      ...access.candidates.map(candidateAttribute),
      { name: 'end-of-candidates' },
    ],
  };
}

const candidateAttribute = (line: string): Attribute => ({
  name: 'candidate',
  value: line.replace(/^candidate:/, ''),
});

/** Refused, but in its place: the order of sections never changes (RFC 3264 §6). */
function refusedSection({ kind, protocol, formats, mid }: SectionShape): MediaSection {
  const named = mid === undefined ? [] : [{ name: 'mid', value: mid }];
  return { kind, port: 0, protocol, formats, attributes: [...named, { name: 'inactive' }] };
}

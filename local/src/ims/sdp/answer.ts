import {
  codecsOf,
  type Direction,
  directionOf,
  rtcpPortOf,
  type Sdp,
  type SdpCodec,
  type SdpMedia,
} from './parse-sdp.ts';

/** What both sides have agreed on for the one audio stream. */
export interface AudioChoice {
  readonly mediaIndex: number;
  readonly codec: SdpCodec;
  readonly telephoneEvent?: SdpCodec;
  readonly remote: { readonly host: string; readonly rtpPort: number; readonly rtcpPort: number };
  /** As seen from here. */
  readonly direction: Direction;
}

export interface LocalMedia {
  readonly host: string;
  readonly port: number;
  readonly sessionId: number;
  readonly version: number;
  /** The lines of its video, and where they stand; all else beside the audio is refused. */
  readonly video?: { readonly mediaIndex: number; readonly lines: readonly string[] };
}

const NOT_SPEECH = new Set(['telephone-event', 'CN', 'red', 'ulpfec']);

/** The first audio stream that offers one of `names` (any codec without them), or nothing. */
export function chooseAudio(sdp: Sdp, names?: readonly string[]): AudioChoice | undefined {
  for (const [mediaIndex, media] of sdp.media.entries()) {
    const codec = isPlainAudio(media) ? speechCodec(media, names) : undefined;
    if (codec === undefined) continue;
    const events = codecsOf(media).filter(({ name }) => name.toLowerCase() === 'telephone-event');
    const telephoneEvent = events.find((it) => it.clockRateHz === codec.clockRateHz) ?? events[0];
    return {
      mediaIndex,
      codec,
      ...(telephoneEvent === undefined ? {} : { telephoneEvent }),
      remote: { host: media.host, rtpPort: media.port, rtcpPort: rtcpPortOf(media) },
      direction: mirrored(directionOf(sdp, media)),
    };
  }
  return undefined;
}

/** Neither SRTP nor DTLS here: an offer of those has to come with a plain one beside it. */
function isPlainAudio(media: SdpMedia): boolean {
  return media.kind === 'audio' && media.port !== 0 && /^RTP\/AVPF?$/.test(media.protocol);
}

function speechCodec(media: SdpMedia, names?: readonly string[]): SdpCodec | undefined {
  const speech = codecsOf(media).filter(({ name }) => !NOT_SPEECH.has(name));
  if (names === undefined) return speech[0];
  return speech.find(({ name }) => names.includes(name.toUpperCase()));
}

const MIRRORED: Readonly<Record<Direction, Direction>> = {
  sendrecv: 'sendrecv',
  sendonly: 'recvonly',
  recvonly: 'sendonly',
  inactive: 'inactive',
};

function mirrored(direction: Direction): Direction {
  return MIRRORED[direction];
}

/** Each m-line of the offer is answered in its place, the unwanted with port 0 (RFC 3264 §6). */
export function writeAnswer(offer: Sdp, choice: AudioChoice, local: LocalMedia): string {
  const sections = offer.media.flatMap((media, index) => {
    if (index === local.video?.mediaIndex) return local.video.lines;
    if (index !== choice.mediaIndex) return refused(media);
    return audioSection([choice.codec, choice.telephoneEvent], local, {
      protocol: media.protocol,
      direction: choice.direction,
    });
  });
  return joined(local, sections);
}

const refused = ({ kind, protocol, formats }: SdpMedia): readonly string[] => [
  `m=${kind} 0 ${protocol} ${formats.join(' ')}`,
];

const OFFERED: readonly SdpCodec[] = [
  { payloadType: 8, name: 'PCMA', clockRateHz: 8_000, mapping: 'PCMA/8000' },
  { payloadType: 0, name: 'PCMU', clockRateHz: 8_000, mapping: 'PCMU/8000' },
  {
    payloadType: 101,
    name: 'telephone-event',
    clockRateHz: 8_000,
    mapping: 'telephone-event/8000',
    parameters: '0-15',
  },
];

export interface OfferOptions {
  /** What is agreed already; nothing else is offered then. */
  readonly agreed?: AudioChoice | undefined;
  readonly direction: Direction;
  /** What the session has so far: no section is ever left out or moved (RFC 3264 §8). */
  readonly places?: readonly SdpMedia[] | undefined;
}

export function writeOffer(
  local: LocalMedia,
  { agreed, direction, places = [] }: OfferOptions,
): string {
  const codecs = agreed ? [agreed.codec, agreed.telephoneEvent] : OFFERED;
  const audio = audioSection(codecs, local, { protocol: 'RTP/AVP', direction });
  const { mediaIndex = places.length, lines = [] } = local.video ?? {};
  const before = places.map((media, index) => {
    if (index === mediaIndex) return lines;
    return index === (agreed?.mediaIndex ?? 0) ? audio : refused(media);
  });
  const isNew = local.video !== undefined && mediaIndex >= places.length;
  const sections = [...(places.length > 0 ? before : [audio]), ...(isNew ? [lines] : [])];
  return joined(local, sections.flat());
}

function joined({ host, sessionId, version }: LocalMedia, sections: readonly string[]): string {
  const session = [
    'v=0',
    `o=- ${String(sessionId)} ${String(version)} IN IP4 ${host}`,
    's=-',
    `c=IN IP4 ${host}`,
    't=0 0',
  ];
  return [...session, ...sections, ''].join('\r\n');
}

function audioSection(
  codecs: readonly (SdpCodec | undefined)[],
  { port }: LocalMedia,
  { protocol, direction }: { readonly protocol: string; readonly direction: Direction },
): readonly string[] {
  const chosen = codecs.filter((codec) => codec !== undefined);
  const formats = chosen.map(({ payloadType }) => String(payloadType)).join(' ');
  return [
    `m=audio ${String(port)} ${protocol} ${formats}`,
    ...chosen.flatMap(({ payloadType, mapping, parameters }) => [
      `a=rtpmap:${String(payloadType)} ${mapping}`,
      ...(parameters === undefined ? [] : [`a=fmtp:${String(payloadType)} ${parameters}`]),
    ]),
    'a=ptime:20',
    `a=${direction}`,
  ];
}

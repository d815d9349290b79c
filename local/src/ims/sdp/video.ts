import {
  codecsOf,
  type Direction,
  directionOf,
  rtcpPortOf,
  type Sdp,
  type SdpCodec,
  type SdpMedia,
} from './parse-sdp.ts';

/** What both sides have agreed on for the one video stream. */
export interface VideoChoice {
  readonly mediaIndex: number;
  readonly protocol: string;
  readonly codec: SdpCodec;
  readonly remote: { readonly host: string; readonly rtpPort: number; readonly rtcpPort: number };
  /** As seen from here; what only comes back cannot be sent alone. */
  readonly direction: Direction;
}

const NAMES = ['H264', 'VP8'];

/** The first video that can be sent back as it came. */
export function chooseVideo(sdp: Sdp): VideoChoice | undefined {
  for (const [mediaIndex, media] of sdp.media.entries()) {
    const codec = isPlainVideo(media)
      ? codecsOf(media).find(({ name }) => NAMES.includes(name.toUpperCase()))
      : undefined;
    if (codec === undefined) continue;
    return {
      ...{ mediaIndex, codec, protocol: media.protocol },
      remote: { host: media.host, rtpPort: media.port, rtcpPort: rtcpPortOf(media) },
      direction: MIRRORED[directionOf(sdp, media)],
    };
  }
  return undefined;
}

const isPlainVideo = ({ kind, port, protocol }: SdpMedia): boolean =>
  kind === 'video' && port !== 0 && /^RTP\/AVPF?$/.test(protocol);

const MIRRORED: Readonly<Record<Direction, Direction>> = {
  sendrecv: 'sendrecv',
  sendonly: 'recvonly',
  recvonly: 'inactive',
  inactive: 'inactive',
};

/** Offered where nothing is agreed yet: what every browser has (RFC 7742 §5). */
const OFFERED: readonly SdpCodec[] = [
  {
    ...{ payloadType: 97, name: 'H264', clockRateHz: 90_000, mapping: 'H264/90000' },
    parameters: 'profile-level-id=42e01f;packetization-mode=1',
  },
  { payloadType: 98, name: 'VP8', clockRateHz: 90_000, mapping: 'VP8/90000' },
];

export interface VideoLines {
  readonly port: number;
  readonly agreed?: VideoChoice | undefined;
  readonly direction: Direction;
}

/** The section as it is offered, or answered with what is agreed. */
export function videoSection({ port, agreed, direction }: VideoLines): readonly string[] {
  const codecs = agreed ? [agreed.codec] : OFFERED;
  const formats = codecs.map(({ payloadType }) => String(payloadType)).join(' ');
  return [
    `m=video ${String(port)} ${agreed?.protocol ?? 'RTP/AVPF'} ${formats}`,
    ...codecs.flatMap(({ payloadType, mapping, parameters }) => [
      `a=rtpmap:${String(payloadType)} ${mapping}`,
      ...(parameters === undefined ? [] : [`a=fmtp:${String(payloadType)} ${parameters}`]),
      `a=rtcp-fb:${String(payloadType)} nack`,
      `a=rtcp-fb:${String(payloadType)} nack pli`,
    ]),
    `a=${direction}`,
  ];
}

import { linesOf } from '../../support/a-call-media.ts';
import type { ImsEcho } from './ims-echo.ts';

const CONSTRAINED = '42e01f';
export const VIDEO_FORMATS = {
  H264: ['H264/90000', `profile-level-id=${CONSTRAINED};packetization-mode=1`],
  VP8: ['VP8/90000', ''],
} as const;
export type VideoFormat = keyof typeof VIDEO_FORMATS;

/** The IMS side of a call with video: each stream comes back from a pair of ports of its own. */
export interface ImsScreen {
  readonly voice: ImsEcho;
  readonly screen: ImsEcho;
  /** Beside NACK and PLI. */
  readonly feedback?: readonly string[];
  /** Of H.264, instead of the constrained one. */
  readonly profileLevelId?: string;
}

/** Audio as PCMA and video of one format, both echoed; without a format the video is refused. */
export function screenSdp(
  { voice, screen, feedback = [], profileLevelId = CONSTRAINED }: ImsScreen,
  format: VideoFormat | undefined,
  payloadType = 97,
): string {
  const [map, fmtp] = format ? VIDEO_FORMATS[format] : ['VP8/90000', ''];
  const number = String(payloadType);
  return voice.sdp(
    ['8'],
    `m=video ${format ? String(screen.rtpPort) : '0'} RTP/AVPF ${number}`,
    `a=rtcp:${String(screen.rtcpPort)}`,
    `a=rtpmap:${number} ${map}`,
    ...(fmtp ? [`a=fmtp:${number} ${fmtp.replace(CONSTRAINED, profileLevelId)}`] : []),
    `a=rtcp-fb:${number} nack`,
    `a=rtcp-fb:${number} nack pli`,
    ...feedback.map((it) => `a=rtcp-fb:${number} ${it}`),
    'a=sendrecv',
  );
}

/** The number under which our offer has the format, of H.264 that with packetization mode 1. */
export function numberOf(offer: string, format: VideoFormat): number {
  const [map] = VIDEO_FORMATS[format];
  const maps = linesOf(offer, 'a=rtpmap:').filter((it) => it.endsWith(` ${map}`));
  const numbers = maps.map((it) => Number(/:(\d+) /.exec(it)?.[1]));
  const isWanted = (number: number) =>
    format === 'VP8' ||
    linesOf(offer, `a=fmtp:${String(number)} `).some(
      (it) => it.includes('packetization-mode=1') && it.includes(CONSTRAINED),
    );
  return numbers.find(isWanted) ?? 0;
}

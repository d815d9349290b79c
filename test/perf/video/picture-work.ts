import { createVideoCodecs } from '../../../media-node/src/adapters/codecs/create-video-codecs.ts';
import { VideoCrossing } from '../../../media-node/src/core/video/video-crossing.ts';
import type { VideoCodecName } from '../../../media-node/src/ports/video-codecs.ts';
import type { VideoLeg } from '../../../media-node/src/ports/video-transcoder.ts';
import { anH264Leg, aVp8Leg } from '../../support/video/a-video-leg.ts';
import {
  decodedApart,
  encodedApart,
  likeness,
  movingPicture,
  VGA,
} from '../../support/video/moving-picture.ts';
import { PictureSender, readApart } from '../../support/video/packets.ts';
import type { Row } from '../report.ts';

export const legOf = (codec: VideoCodecName): VideoLeg =>
  codec === 'VP8' ? aVp8Leg() : anH264Leg();

const PICTURE_MS = 1000 / 30;

/** What one direction costs: packets, decoding, encoding, packets; no sockets and no thread. */
export function pictureWork(from: VideoCodecName, to: VideoCodecName, pictures: number): Row {
  const raw = movingPicture(VGA, pictures);
  const frames = encodedApart(from, VGA, raw);
  const packets: Uint8Array[] = [];
  const crossing = new VideoCrossing(
    { browser: legOf(from), ims: legOf(to) },
    createVideoCodecs(),
    {
      leave: (_to, packet) => packets.push(packet),
      askPicture: () => undefined,
      askAgain: () => undefined,
    },
  );
  const sender = new PictureSender(from, legOf(from).arriving);
  const sent = frames.map((frame) => sender.packets(frame));
  const before = process.cpuUsage();
  for (const [at, all] of sent.entries()) {
    const nowMs = at * PICTURE_MS;
    for (const packet of all) crossing.take('browser', packet, { atMs: nowMs, nowMs });
  }
  const { user, system } = process.cpuUsage(before);
  crossing.close();
  const made = readApart(to, packets);
  const noise = likeness(raw, decodedApart(to, made), VGA);
  const cpuMs = (user + system) / 1000 / frames.length;
  const bytes = made.reduce((sum, it) => sum + it.length, 0);
  return {
    case: 'codec work',
    subject: `${from} → ${to}, 640x480`,
    cpuPerPictureMs: Number(cpuMs.toFixed(2)),
    coreShare: Number((cpuMs / PICTURE_MS).toFixed(3)),
    psnrDb: Number((noise.reduce((sum, it) => sum + it, 0) / noise.length).toFixed(1)),
    worstPsnrDb: Number(Math.min(...noise).toFixed(1)),
    kbitPerS: Math.round((bytes * 8) / 1000 / (frames.length / 30)),
  };
}

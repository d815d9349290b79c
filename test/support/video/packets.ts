import { H264RtpPayload, Vp8RtpPayload } from 'werift';
import {
  payloadOf,
  readRtpHeader,
  writeRtp,
} from '../../../media-node/src/core/media/rtp-packet.ts';
import { packH264 } from '../../../media-node/src/core/video/h264-payload.ts';
import { unitsIn } from '../../../media-node/src/core/video/h264-units.ts';
import { packVp8 } from '../../../media-node/src/core/video/vp8-payload.ts';
import type { VideoCodecName } from '../../../media-node/src/ports/video-codecs.ts';

/** Packets of a sender, picture for picture at 30 a second. */
export class PictureSender {
  readonly #codec: VideoCodecName;
  readonly #payloadType: number;
  #sequence = 65_000;
  #pictures = 0;

  constructor(codec: VideoCodecName, payloadType: number) {
    this.#codec = codec;
    this.#payloadType = payloadType;
  }

  packets(frame: Uint8Array): readonly Uint8Array[] {
    this.#pictures += 1;
    const maxBytes = 1100;
    const payloads =
      this.#codec === 'VP8'
        ? packVp8(frame, { pictureId: this.#pictures, maxBytes })
        : (packH264(unitsIn(frame), { mode: 1, maxBytes }) ?? []);
    return payloads.map((payload, index) => {
      this.#sequence = (this.#sequence + 1) % 0x1_0000;
      const marker = index === payloads.length - 1;
      const timestamp = 3000 * this.#pictures;
      const own = { marker, payloadType: this.#payloadType, sequence: this.#sequence, timestamp };
      return writeRtp({ ...own, ssrc: 0x77 }, payload);
    });
  }
}

/** Pictures out of packets that are all there and in order, by a reader that is not ours. */
export function readApart(
  codec: VideoCodecName,
  packets: readonly Uint8Array[],
): readonly Uint8Array[] {
  const pictures: Buffer[] = [];
  let parts: Buffer[] = [];
  let fragment: Buffer | undefined;
  for (const packet of packets) {
    const header = readRtpHeader(packet);
    const payload = Buffer.from((header && payloadOf(packet, header)) ?? []);
    if (codec === 'VP8') parts.push(Vp8RtpPayload.deSerialize(payload).payload);
    else {
      const read = H264RtpPayload.deSerialize(payload, fragment);
      fragment = read.fragment;
      // Of pieces there is a payload with the last one.
      if (fragment === undefined) parts.push(read.payload);
    }
    if (header?.marker !== true) continue;
    pictures.push(Buffer.concat(parts));
    parts = [];
  }
  return pictures;
}

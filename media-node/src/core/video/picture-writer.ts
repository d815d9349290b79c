import type { VideoLeg } from '../../ports/video-transcoder.ts';
import { writeExtension } from '../media/rtp-extension.ts';
import { writeRtp } from '../media/rtp-packet.ts';
import { packH264 } from './h264-payload.ts';
import { unitsIn } from './h264-units.ts';
import { packVp8 } from './vp8-payload.ts';

/** With headers, SRTP and IPv6 well below what every path carries. */
export const MAX_PAYLOAD_BYTES = 1180;
/** Every packet passes the numbering of its leg; this one only has to be always the same. */
const SSRC = 1;

/** Pictures as the packets of one stream. */
export class PictureWriter {
  readonly #to: VideoLeg;
  #sequence = 0;
  #pictureId = 0;

  constructor(to: VideoLeg) {
    this.#to = to;
  }

  /** As an encoder has made it. */
  writePicture(
    picture: Uint8Array,
    ticks: number,
    orientation: number | undefined,
  ): readonly Uint8Array[] {
    const { codec, packetizationMode: mode } = this.#to;
    const maxBytes = MAX_PAYLOAD_BYTES;
    if (codec === 'H264') {
      const payloads = packH264(unitsIn(picture), { mode, maxBytes });
      return this.write(payloads ?? [], ticks, orientation);
    }
    this.#pictureId = (this.#pictureId + 1) % 0x8000;
    const payloads = packVp8(picture, { pictureId: this.#pictureId, maxBytes });
    return this.write(payloads, ticks, orientation);
  }

  /** The last one bears the marker, and how the picture is to be turned. */
  write(
    payloads: readonly Uint8Array[],
    ticks: number,
    orientation: number | undefined,
  ): readonly Uint8Array[] {
    const { leaving: payloadType, orientation: id } = this.#to;
    const turned =
      id === undefined || orientation === undefined
        ? undefined
        : writeExtension(id, Uint8Array.of(orientation));
    return payloads.map((payload, index) => {
      const marker = index === payloads.length - 1;
      this.#sequence = (this.#sequence + 1) % 0x1_0000;
      const timestamp = ticks >>> 0;
      const fields = { marker, payloadType, sequence: this.#sequence, timestamp, ssrc: SSRC };
      return writeRtp(fields, payload, marker ? turned : undefined);
    });
  }
}

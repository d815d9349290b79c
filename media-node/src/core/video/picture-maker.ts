import type {
  PictureSize,
  VideoCodecs,
  VideoDecoder,
  VideoEncoder,
} from '../../ports/video-codecs.ts';
import type { VideoLeg } from '../../ports/video-transcoder.ts';
import { bitsPerSOf, fittedSize, picturesPerS } from './picture-limits.ts';
import { MAX_PAYLOAD_BYTES } from './picture-writer.ts';

const TICKS_PER_S = 90_000;
/** Pictures come a little early and a little late. */
const TOLERANCE = 0.8;

interface Open {
  readonly encoder: VideoEncoder;
  /** Of what comes in. */
  readonly from: PictureSize;
  /** Of what goes out. */
  readonly size: PictureSize;
  readonly ticksApart: number;
  bitsPerS: number;
}

/** Encodes for one receiver, within what it takes; anew when the sender's picture changes its size. */
export class PictureMaker {
  readonly #to: VideoLeg;
  readonly #codecs: VideoCodecs;
  #open: Open | undefined;
  #asked: number | undefined;
  #lastTicks = Number.NEGATIVE_INFINITY;

  constructor(to: VideoLeg, codecs: VideoCodecs) {
    this.#to = to;
    this.#codecs = codecs;
  }

  limit(bitsPerS: number): void {
    this.#asked = bitsPerS;
    const open = this.#open;
    if (!open) return;
    const wanted = bitsPerSOf(open.size, this.#to.limits, bitsPerS);
    if (wanted === open.bitsPerS) return;
    open.bitsPerS = wanted;
    open.encoder.setRate(wanted);
  }

  /** `undefined`: this one is left out, there are more than the receiver takes. */
  make(
    of: VideoDecoder,
    picture: { readonly size: PictureSize; readonly ticks: number; readonly isKey: boolean },
  ): Uint8Array | undefined {
    const { encoder, ticksApart } = this.#for(picture.size);
    const { ticks, isKey } = picture;
    if (!isKey && ticks - this.#lastTicks < TOLERANCE * ticksApart) return undefined;
    this.#lastTicks = ticks;
    return nothingIsNone(encoder.encode(of, { ticks, isKey }));
  }

  /** The last picture once more, whole. */
  again(of: VideoDecoder, ticks: number): Uint8Array | undefined {
    if (!this.#open) return undefined;
    this.#lastTicks = ticks;
    return nothingIsNone(this.#open.encoder.encode(of, { ticks, isKey: true }));
  }

  close(): void {
    this.#open?.encoder.close();
    this.#open = undefined;
  }

  #for(from: PictureSize): Open {
    const open = this.#open;
    if (open?.from.width === from.width && open.from.height === from.height) return open;
    open?.encoder.close();
    const { codec, limits, packetizationMode } = this.#to;
    const size = fittedSize(from, limits);
    const perS = picturesPerS(size, limits);
    const bitsPerS = bitsPerSOf(size, limits, this.#asked);
    const encoder = this.#codecs.openEncoder({
      ...{ codec, ...size, bitsPerS, picturesPerS: perS },
      ...(packetizationMode === 0 ? { maxUnitBytes: MAX_PAYLOAD_BYTES } : {}),
    });
    this.#open = { encoder, from, size, ticksApart: TICKS_PER_S / perS, bitsPerS };
    return this.#open;
  }
}

const nothingIsNone = (frame: Uint8Array): Uint8Array | undefined =>
  frame.length > 0 ? frame : undefined;

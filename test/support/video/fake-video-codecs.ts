import type {
  PictureSize,
  VideoCodecName,
  VideoCodecs,
  VideoDecoder,
  VideoEncoder,
  VideoEncoderSettings,
} from '../../../media-node/src/ports/video-codecs.ts';

/** A picture that says what it is: a header true to its codec, then its size. */
export function fakePicture(codec: VideoCodecName, size: PictureSize, isKey: boolean): Uint8Array {
  const text = Buffer.from(JSON.stringify(size));
  if (codec === 'VP8') return Buffer.concat([Buffer.of(isKey ? 0x10 : 0x11, 0, 0), text]);
  return Buffer.concat([Buffer.of(0, 0, 0, 1, isKey ? 0x65 : 0x41), text]);
}

const isFakeKey = (codec: VideoCodecName, frame: Uint8Array): boolean =>
  codec === 'VP8' ? ((frame[0] ?? 1) & 1) === 0 : frame[4] === 0x65;

function sizeIn(frame: Uint8Array): PictureSize | undefined {
  const text = Buffer.from(frame).toString('latin1');
  try {
    return JSON.parse(text.slice(text.indexOf('{'))) as PictureSize;
  } catch {
    return undefined;
  }
}

/** Codecs that copy the size of a picture and nothing of what it shows. */
export class FakeVideoCodecs implements VideoCodecs {
  readonly missing: ReadonlyMap<VideoCodecName, string>;
  readonly opened: VideoEncoderSettings[] = [];
  readonly rates: number[] = [];
  closed = 0;

  constructor(missing: ReadonlyMap<VideoCodecName, string> = new Map()) {
    this.missing = missing;
  }

  readonly #shown = new WeakMap<VideoDecoder, PictureSize>();

  openDecoder(codec: VideoCodecName): VideoDecoder {
    this.#require(codec);
    let hasKey = false;
    const decoder: VideoDecoder = {
      decode: (frame) => {
        const size = sizeIn(frame);
        hasKey ||= isFakeKey(codec, frame);
        if (!(size && hasKey)) return 'refused';
        this.#shown.set(decoder, size);
        return size;
      },
      close: () => {
        this.closed += 1;
      },
    };
    return decoder;
  }

  openEncoder(settings: VideoEncoderSettings): VideoEncoder {
    this.#require(settings.codec);
    this.opened.push(settings);
    let isFirst = true;
    return {
      encode: (of, { isKey }) => {
        const shown = this.#shown.get(of);
        const { codec, width, height } = settings;
        if (!shown || shown.width < width || shown.height < height) return new Uint8Array();
        const frame = fakePicture(codec, { width, height }, isKey || isFirst);
        isFirst = false;
        return frame;
      },
      setRate: (bitsPerS) => {
        this.rates.push(bitsPerS);
      },
      close: () => {
        this.closed += 1;
      },
    };
  }

  #require(codec: VideoCodecName): void {
    if (this.missing.has(codec)) throw new RangeError(`no codec ${codec}`);
  }
}

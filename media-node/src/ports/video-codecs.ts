/** Video codecs by their names in SDP. */
export type VideoCodecName = 'VP8' | 'H264';

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

export interface VideoEncoderSettings extends PictureSize {
  readonly codec: VideoCodecName;
  readonly bitsPerS: number;
  readonly picturesPerS: number;
  /** Of H.264: no unit is longer, so that each fits a packet (packetization mode 0); absent: any. */
  readonly maxUnitBytes?: number;
}

export interface VideoDecoder {
  /**
   * A whole picture as the codec has it, of H.264 with start codes. Its size; `none`: there is nothing
   * to show yet; `refused`: it cannot be decoded. The decoder keeps the picture until the next one.
   */
  decode(frame: Uint8Array): PictureSize | 'none' | 'refused';
  close(): void;
}

export interface VideoEncoder {
  /**
   * The decoder's last picture, no smaller than this encoder's; octets are good until the next call,
   * none: it was left out. Ticks are those of 90 kHz, and rise.
   */
  encode(of: VideoDecoder, when: { readonly ticks: number; readonly isKey: boolean }): Uint8Array;
  setRate(bitsPerS: number): void;
  close(): void;
}

/** The codecs of this machine. What is missing is refused with a `RangeError`. */
export interface VideoCodecs {
  /** Why a codec cannot be had; empty where both can. */
  readonly missing: ReadonlyMap<VideoCodecName, string>;
  openDecoder(codec: VideoCodecName): VideoDecoder;
  openEncoder(settings: VideoEncoderSettings): VideoEncoder;
}

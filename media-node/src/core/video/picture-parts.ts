import type { VideoCodecName } from '../../ports/video-codecs.ts';
import { concatBytes } from '../media/bytes.ts';
import { readH264Payload } from './h264-payload.ts';
import { START_CODE, UNIT, unitType } from './h264-units.ts';
import { isVp8Key, readVp8Payload } from './vp8-payload.ts';

/** What the payloads of one picture come to. */
export interface PictureParts {
  /** False for what does not belong there: the picture is not whole. */
  add(payload: Uint8Array): boolean;
  finish(): { readonly data: Uint8Array; readonly isKey: boolean; readonly isWhole: boolean };
}

export const newParts = (codec: VideoCodecName): PictureParts =>
  codec === 'VP8' ? new Vp8Parts() : new H264Parts();

class Vp8Parts implements PictureParts {
  readonly #parts: Uint8Array[] = [];

  add(payload: Uint8Array): boolean {
    const read = readVp8Payload(payload);
    if (!read || read.isStart !== (this.#parts.length === 0)) return false;
    this.#parts.push(read.data);
    return true;
  }

  finish() {
    const data = concatBytes(...this.#parts);
    return { data, isKey: isVp8Key(data), isWhole: data.length > 0 };
  }
}

class H264Parts implements PictureParts {
  readonly #parts: Uint8Array[] = [];
  #fragments: Uint8Array[] | undefined;
  #isKey = false;

  add(payload: Uint8Array): boolean {
    const read = readH264Payload(payload);
    if (!read) return false;
    if (read.kind === 'units') {
      for (const unit of read.units) this.#unit([unit]);
      return this.#fragments === undefined;
    }
    if (read.isFirst !== (this.#fragments === undefined)) return false;
    const fragments = this.#fragments ?? [Uint8Array.of(read.header)];
    fragments.push(read.data);
    this.#fragments = read.isLast ? undefined : fragments;
    if (read.isLast) this.#unit(fragments);
    return true;
  }

  finish() {
    const isWhole = this.#fragments === undefined && this.#parts.length > 0;
    return { data: concatBytes(...this.#parts), isKey: this.#isKey, isWhole };
  }

  #unit(pieces: readonly Uint8Array[]): void {
    this.#isKey ||= unitType(pieces[0] ?? START_CODE) === UNIT.idr;
    this.#parts.push(START_CODE, ...pieces);
  }
}

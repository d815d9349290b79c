import type { VideoCodecName } from '../../ports/video-codecs.ts';
import { extensionOf } from '../media/rtp-extension.ts';
import type { OrderedPacket } from './packet-order.ts';
import { newParts, type PictureParts } from './picture-parts.ts';

/** One picture of a sender, as its codec has it. */
export interface Picture {
  readonly data: Uint8Array;
  readonly isKey: boolean;
  /** False: some of it, or what came before it, is lost. */
  readonly isWhole: boolean;
  readonly timestamp: number;
  /** When its last packet came. */
  readonly atMs: number;
  /** How it is to be turned, as its sender says (3GPP TS 26.114 §7.4.5). */
  readonly orientation?: number;
}

interface Begun {
  readonly parts: PictureParts;
  readonly timestamp: number;
  isWhole: boolean;
  atMs: number;
  orientation?: number;
}

/** Pictures out of packets that come in order. */
export class PictureAssembler {
  readonly #codec: VideoCodecName;
  readonly #orientation: number | undefined;
  #begun: Begun | undefined;
  #hasGap = false;

  constructor(codec: VideoCodecName, orientation: number | undefined) {
    this.#codec = codec;
    this.#orientation = orientation;
  }

  /** The picture this packet ends, and before it one whose end was never marked. */
  take(packet: OrderedPacket): readonly Picture[] {
    const { header, payload, atMs } = packet;
    const follows = packet.follows && !this.#hasGap;
    // An empty packet keeps a path open and is of no picture.
    this.#hasGap = payload.length === 0 && !follows;
    if (payload.length === 0) return [];
    const unmarked = this.#begun && this.#begun.timestamp !== header.timestamp;
    const pictures = unmarked ? this.#finish(follows) : [];
    const begun = this.#begun ?? this.#begin(header.timestamp, atMs);
    this.#begun = begun;
    const isTaken = begun.parts.add(payload);
    begun.isWhole &&= isTaken && follows;
    begun.atMs = atMs;
    const turned = this.#orientationOf(packet);
    if (turned !== undefined) begun.orientation = turned;
    return header.marker ? [...pictures, ...this.#finish(true)] : pictures;
  }

  #begin(timestamp: number, atMs: number): Begun {
    return { parts: newParts(this.#codec), timestamp, isWhole: true, atMs };
  }

  #finish(isEndHere: boolean): Picture[] {
    const begun = this.#begun;
    this.#begun = undefined;
    if (!begun) return [];
    const { parts, ...rest } = begun;
    const { isWhole, ...made } = parts.finish();
    return [{ ...rest, ...made, isWhole: begun.isWhole && isWhole && isEndHere }];
  }

  #orientationOf({ packet, header }: OrderedPacket): number | undefined {
    const id = this.#orientation;
    return id === undefined ? undefined : extensionOf(packet, header, id)?.[0];
  }
}

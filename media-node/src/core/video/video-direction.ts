import type { VideoCodecs, VideoDecoder } from '../../ports/video-codecs.ts';
import type { VideoLeg } from '../../ports/video-transcoder.ts';
import { fromBase64 } from '../base64.ts';
import { concatBytes } from '../media/bytes.ts';
import { packH264 } from './h264-payload.ts';
import { START_CODE, UNIT, unitsIn, unitType } from './h264-units.ts';
import { type OrderedPacket, PacketOrder } from './packet-order.ts';
import { type Picture, PictureAssembler } from './picture-assembler.ts';
import { PictureMaker } from './picture-maker.ts';
import { MAX_PAYLOAD_BYTES, PictureWriter } from './picture-writer.ts';
import { TickClock } from './tick-clock.ts';

/** A sender is asked for a whole picture as often, and decoded as it is when it has not obeyed by then. */
const ASK_EVERY_MS = 300;
const MAX_OBEDIENCE_MS = 3000;
/** A picture this old is decoded for those after it, and not shown: the thread has too much to do. */
const MAX_LATE_MS = 250;
/** A wanted picture waits so long for the next of the sender; then the last one is sent once more. */
const MAX_PAUSE_MS = 80;
/** Who asks without end gets no more of them than these. */
const KEY_EVERY_MS = 100;
const TICKS_PER_MS = 90;

export interface DirectionOutput {
  readonly packets: readonly Uint8Array[];
  /** Of the sender. */
  readonly wantsPicture: boolean;
  /** Not come, by the sender's numbers. */
  readonly missing: readonly number[];
}

/**
 * Video of one leg for the other: put in order, decoded, made smaller where it must be, encoded. H.264
 * for H.264 that is only packed otherwise is not decoded, as long as its units fit.
 */
export class VideoDirection {
  readonly #from: VideoLeg;
  readonly #to: VideoLeg;
  readonly #order = new PacketOrder();
  readonly #assembler: PictureAssembler;
  readonly #decoder: VideoDecoder;
  readonly #maker: PictureMaker;
  readonly #writer: PictureWriter;
  #isRepacking: boolean;
  /** Since when nothing can be decoded for want of a whole picture. */
  #brokenAtMs: number | undefined;
  #askedAtMs = Number.NEGATIVE_INFINITY;
  #wantsPicture = false;
  readonly #clock = new TickClock();
  /** When the decoder had its last picture. */
  #shownAtMs: number | undefined;
  #keyAtMs = Number.NEGATIVE_INFINITY;
  #wantedAtMs: number | undefined;

  constructor(from: VideoLeg, to: VideoLeg, codecs: VideoCodecs) {
    this.#from = from;
    this.#to = to;
    this.#assembler = new PictureAssembler(from.codec, from.orientation);
    this.#decoder = codecs.openDecoder(from.codec);
    this.#maker = new PictureMaker(to, codecs);
    this.#writer = new PictureWriter(to);
    this.#isRepacking = from.profile !== undefined && from.profile === to.profile;
    const sets = parameterSetsOf(from);
    if (sets) this.#decoder.decode(sets);
  }

  take(packet: Uint8Array, atMs: number, nowMs: number): DirectionOutput {
    this.#begin(nowMs);
    return this.#output(this.#order.take(packet, atMs), nowMs);
  }

  /** To be called now and then, though nothing comes. */
  turn(nowMs: number): DirectionOutput {
    const output = this.#output(this.#order.turn(nowMs), nowMs);
    const { packets } = output;
    return { ...output, packets: [...packets, ...this.#overdue(nowMs)] };
  }

  /** The receiver wants a whole picture. */
  wantPicture(nowMs: number): void {
    if (this.#isRepacking) this.#wantsPicture = true;
    else this.#wantedAtMs ??= nowMs;
  }

  /** The receiver takes no more. */
  limit(bitsPerS: number): void {
    this.#maker.limit(bitsPerS);
  }

  close(): void {
    this.#decoder.close();
    this.#maker.close();
  }

  /** Who was not heard yet may have begun long ago. */
  #begin(nowMs: number): void {
    if (this.#shownAtMs === undefined) this.#brokenAtMs ??= nowMs;
  }

  #output(ordered: readonly OrderedPacket[], nowMs: number): DirectionOutput {
    const { arriving } = this.#from;
    const pictures = ordered
      .filter(({ header }) => header.payloadType === arriving)
      .flatMap((packet) => this.#assembler.take(packet));
    const packets = pictures.flatMap((picture) => this.#cross(picture, nowMs));
    const wantsPicture = this.#wantsPicture;
    this.#wantsPicture = false;
    return { packets, wantsPicture, missing: this.#order.missing() };
  }

  #cross(picture: Picture, nowMs: number): readonly Uint8Array[] {
    if (!picture.isWhole) this.#brokenAtMs ??= nowMs;
    if (picture.isWhole && picture.isKey) this.#brokenAtMs = undefined;
    if (this.#isWaiting(nowMs)) return [];
    return this.#isRepacking ? this.#repack(picture, nowMs) : this.#transcode(picture, nowMs);
  }

  /** For a whole picture; who cannot be asked for one, or does not give it, is decoded as he is. */
  #isWaiting(nowMs: number): boolean {
    if (this.#brokenAtMs === undefined) return false;
    if (!this.#from.canBeAsked || nowMs - this.#brokenAtMs > MAX_OBEDIENCE_MS) {
      this.#brokenAtMs = undefined;
      return false;
    }
    if (nowMs - this.#askedAtMs >= ASK_EVERY_MS) {
      this.#askedAtMs = nowMs;
      this.#wantsPicture = true;
    }
    return true;
  }

  #repack(picture: Picture, nowMs: number): readonly Uint8Array[] {
    const units = unitsIn(picture.data);
    const { packetizationMode: mode, limits } = this.#to;
    const isTooMuch = units.some(
      (unit) => unitType(unit) === UNIT.sequenceSet && (unit[3] ?? 0) > (limits.level ?? 0),
    );
    const payloads = isTooMuch ? undefined : packH264(units, { mode, maxBytes: MAX_PAYLOAD_BYTES });
    if (payloads) {
      this.#shownAtMs = nowMs;
      const ticks = this.#clock.count(picture.timestamp);
      return this.#writer.write(payloads, ticks, picture.orientation);
    }
    // From now on it is decoded, which has to begin with a whole picture.
    this.#isRepacking = false;
    return this.#cross(picture.isKey ? picture : { ...picture, isWhole: false }, nowMs);
  }

  #transcode(picture: Picture, nowMs: number): readonly Uint8Array[] {
    const size = this.#decoder.decode(picture.data);
    if (size === 'refused') this.#refused(nowMs);
    if (typeof size === 'string') return [];
    this.#shownAtMs = nowMs;
    const isWanted = this.#wantedAtMs !== undefined && nowMs - this.#keyAtMs >= KEY_EVERY_MS;
    const isKey = picture.isKey || isWanted;
    const ticks = this.#clock.count(picture.timestamp);
    if (nowMs - picture.atMs > MAX_LATE_MS && !isKey) return [];
    const made = this.#maker.make(this.#decoder, { size, ticks, isKey });
    if (!made) return [];
    if (isKey) this.#hasKey(nowMs);
    return this.#writer.writePicture(made, ticks, picture.orientation);
  }

  #hasKey(nowMs: number): void {
    this.#wantedAtMs = undefined;
    this.#keyAtMs = nowMs;
  }

  #refused(nowMs: number): void {
    this.#brokenAtMs ??= nowMs;
    this.#isWaiting(nowMs);
  }

  /** The sender's next picture is long in coming. */
  #overdue(nowMs: number): readonly Uint8Array[] {
    const shownAtMs = this.#shownAtMs;
    if (shownAtMs === undefined || this.#wantedAtMs === undefined) return [];
    const waitedMs = nowMs - Math.max(this.#wantedAtMs, shownAtMs, this.#keyAtMs);
    if (waitedMs < MAX_PAUSE_MS) return [];
    const ticks = this.#clock.later(Math.round((nowMs - shownAtMs) * TICKS_PER_MS));
    const made = this.#maker.again(this.#decoder, ticks);
    if (!made) return [];
    this.#hasKey(nowMs);
    return this.#writer.writePicture(made, ticks, undefined);
  }
}

/** Said in SDP, and not always in the stream (RFC 6184 §8.1). */
function parameterSetsOf({ parameterSets }: VideoLeg): Uint8Array | undefined {
  const sets = (parameterSets ?? '').split(',').flatMap((it) => {
    const set = it === '' ? undefined : fromBase64(it);
    return set && set.length > 0 ? [START_CODE, set] : [];
  });
  return sets.length > 0 ? concatBytes(...sets) : undefined;
}

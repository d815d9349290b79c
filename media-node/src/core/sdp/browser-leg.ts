import type { AccessParameters } from '../../ports/media-plane.ts';
import type { BrowserMedia } from './browser-reading.ts';
import type { BrowserVideo, BrowserVideoSection } from './browser-video.ts';
import { type Codec, type CodecWithPayload, commonCodecs, isSameCodec, voiceOf } from './codecs.ts';
import { OwnDescription } from './own-description.ts';
import type { Direction } from './session-description.ts';
import type { LegCodecs } from './stream-rewrite.ts';
import {
  type BrowserSide,
  firstOfferShape,
  type OfferShape,
  writeBrowserAnswer,
  writeBrowserOffer,
} from './to-browser.ts';

/** Offer and answer with one browser over one transport (RFC 3264). */
export class BrowserLeg {
  #side: BrowserSide;
  readonly #own = new OwnDescription();
  #shape: OfferShape = firstOfferShape;
  /** Absent: there is none, or it is refused. */
  video: BrowserVideo | undefined;
  #local: readonly CodecWithPayload[] = [];
  #remote: readonly CodecWithPayload[] = [];
  #direction: Direction = 'sendrecv';
  #sendsFirst: Codec | undefined;

  constructor(side: BrowserSide) {
    this.#side = side;
  }

  get codecs(): LegCodecs {
    return { local: this.#local, remote: this.#remote };
  }

  /** So many sections there are, used or not: the next one comes behind them. */
  get sectionCount(): number {
    return this.#shape.sections.length;
  }

  /** What the browser wants to do, as it said last. */
  get direction(): Direction {
    return this.#direction;
  }

  /** The codec it sends unless told otherwise: the first of the last answer. */
  get sendsFirst(): Codec | undefined {
    return this.#sendsFirst;
  }

  answer(offer: BrowserMedia, codecs: readonly CodecWithPayload[], direction: Direction): string {
    this.#shape = shapeOf(offer);
    this.#direction = offer.direction;
    this.#local = codecs;
    this.#remote = codecs;
    this.#sendsFirst = voiceOf(codecs)[0];
    return this.#own.write((version) =>
      writeBrowserAnswer(this.#side, {
        ...{ ...this.#shape, version, codecs, direction },
        ...this.#video(),
      }),
    );
  }

  offer(codecs: readonly CodecWithPayload[], direction: Direction): string {
    this.#local = codecs;
    this.#sendsFirst = voiceOf(codecs)[0];
    return this.#own.write((version) =>
      writeBrowserOffer(this.#side, {
        ...{ ...this.#shape, version, codecs, direction },
        ...this.#video(),
      }),
    );
  }

  /** What is agreed, once more, with video as it is now. */
  reoffer(): string {
    return this.offer(this.#local, 'sendrecv');
  }

  /** What is agreed, in its order and as the offer numbers it; undefined: its voice is not there. */
  agreedIn({ codecs }: BrowserMedia): readonly CodecWithPayload[] | undefined {
    const agreed = this.#remote.flatMap(
      (it) => codecs.find((other) => isSameCodec(it, other)) ?? [],
    );
    return voiceOf(agreed).length > 0 ? agreed : undefined;
  }

  /** Nothing changes but the way; every later description names the new one. */
  answerRestart(
    offer: BrowserMedia,
    agreed: readonly CodecWithPayload[],
    access: AccessParameters,
  ): string {
    this.#side = { ...this.#side, access };
    return this.answer(offer, agreed, 'sendrecv');
  }

  #video(): { readonly video?: BrowserVideoSection } {
    return this.video ? { video: this.video.section() } : {};
  }

  /** Whether an answer shares voice with our offer; only then is it taken. */
  takeAnswer(answer: BrowserMedia): boolean {
    const agreed = commonCodecs(answer.codecs, this.#local);
    const [first] = voiceOf(agreed);
    if (!first) return false;
    this.#shape = shapeOf(answer);
    this.#direction = answer.direction;
    this.#remote = agreed;
    this.#sendsFirst = first;
    return true;
  }
}

/** What every later description of ours has to keep. */
const shapeOf = ({ sections, audioIndex, reducedSizeRtcp }: BrowserMedia): OfferShape => ({
  sections,
  audioIndex,
  reducedSizeRtcp,
});

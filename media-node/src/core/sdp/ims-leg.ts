import {
  type CodecWithPayload,
  commonCodecs,
  isSameCodec,
  voiceOf,
  withTheirEvents,
} from './codecs.ts';
import type { ImsMedia } from './ims-reading.ts';
import { OwnDescription } from './own-description.ts';
import { type Direction, flowOf, mirrored, narrowed } from './session-description.ts';
import type { LegCodecs } from './stream-rewrite.ts';
import { type ImsSide, writeImsAnswer, writeImsOffer } from './to-ims.ts';

/** Offer and answer with IMS over one port pair (RFC 3264). */
export class ImsLeg {
  readonly #side: ImsSide;
  readonly #own = new OwnDescription();
  #offer: ImsMedia | undefined;
  #local: readonly CodecWithPayload[] = [];
  #remote: readonly CodecWithPayload[] = [];
  #receives = true;

  constructor(side: ImsSide) {
    this.#side = side;
  }

  get codecs(): LegCodecs {
    return { local: this.#local, remote: this.#remote };
  }

  /** False while IMS holds the call (RFC 3264 §8.4). */
  get receives(): boolean {
    return this.#receives;
  }

  /** Theirs, still to be answered; none where the offer is ours. */
  get pendingOffer(): ImsMedia | undefined {
    return this.#offer;
  }

  takeOffer(offer: ImsMedia): void {
    this.#offer = offer;
  }

  offer(codecs: readonly CodecWithPayload[], direction: Direction): string {
    this.#offer = undefined;
    this.#local = codecs;
    return this.#own.write((version) => writeImsOffer(this.#side, { version, codecs, direction }));
  }

  /** One voice codec, as 3GPP TS 26.114 §6.2.2.3 has it, so that nobody may switch unasked. */
  answer(offer: ImsMedia, voice: CodecWithPayload, willing: Direction): string {
    const codecs = withTheirEvents([voice], offer.codecs);
    this.#local = codecs;
    this.#remote = codecs;
    this.#receives = flowOf(offer.direction).receive;
    const direction = narrowed(mirrored(offer.direction), willing);
    return this.#own.write((version) =>
      writeImsAnswer(this.#side, { version, codecs, direction }, offer),
    );
  }

  /** The voice codecs IMS agreed to, in its order; none: the answer changes nothing. */
  takeAnswer(answer: ImsMedia): readonly CodecWithPayload[] {
    const voice = voiceOf(commonCodecs(answer.codecs, this.#local));
    if (voice.length === 0) return voice;
    this.#remote = withTheirEvents(voice, answer.codecs);
    this.#receives = flowOf(answer.direction).receive;
    return voice;
  }

  /** Of what is offered: the codec in use if it is there, else the first. */
  choose(voice: readonly CodecWithPayload[]): CodecWithPayload | undefined {
    const [inUse] = this.#remote;
    return voice.find((it) => inUse && isSameCodec(it, inUse)) ?? voice[0];
  }
}

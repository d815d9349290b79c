import type { Feedback } from '../../ports/media-plane.ts';
import type { Direction } from './session-description.ts';
import { canBeMade, commonVideo, isSameVideo, type VideoCodec } from './video-codecs.ts';
import { nearestVideo, parametersFor } from './video-meeting.ts';

/** What a browser's description says about its video. */
export interface BrowserVideoMedia {
  readonly index: number;
  readonly codecs: readonly VideoCodec[];
  readonly direction: Direction;
  readonly orientation?: number;
  readonly feedback: readonly Feedback[];
  readonly bandwidthKbps?: number;
}

/** What we write of it. */
export interface BrowserVideoSection {
  readonly index: number;
  readonly codecs: readonly VideoCodec[];
  readonly direction: Direction;
  readonly ssrc: number;
  readonly orientation?: number;
}

/** Our number of the orientation where the offer is ours: not one that a browser gives to others. */
const OWN_ORIENTATION = 13;

/** Offer and answer of the one video stream with a browser, in the bundle of its audio. */
export class BrowserVideo {
  readonly #ssrc: number;
  readonly index: number;
  /** The section as the browser offered it, with all that it can; absent where the offer was ours. */
  readonly offered: BrowserVideoMedia | undefined;
  /** All that may ever be spoken. */
  readonly #all: readonly VideoCodec[];
  #local: readonly VideoCodec[];
  #remote: readonly VideoCodec[] = [];
  /** What it has said to have, and what it left out of an answer. */
  #has: readonly VideoCodec[];
  #lacks: readonly VideoCodec[] = [];
  /** The formats have been brought down to those of IMS. */
  #isSettled = false;
  #said: Direction = 'inactive';
  #theirs: BrowserVideoMedia | undefined;
  /** It has still to answer what we said last. */
  #isAwaited = false;

  /** `offered`: theirs; without, the video is ours to offer at that place. */
  constructor(
    ssrc: number,
    options: {
      readonly index: number;
      readonly offered?: BrowserVideoMedia;
      readonly codecs: readonly VideoCodec[];
    },
  ) {
    const { index, offered, codecs } = options;
    this.#ssrc = ssrc;
    this.index = index;
    this.offered = offered;
    this.#theirs = offered;
    this.#all = codecs;
    this.#local = codecs;
    this.#remote = offered ? codecs : [];
    this.#has = this.#remote;
  }

  get feedback(): readonly Feedback[] {
    return this.#theirs?.feedback ?? [];
  }

  /** As much as it takes, where it says so. */
  get bandwidthKbps(): number | undefined {
    return this.#theirs?.bandwidthKbps;
  }

  get orientation(): number | undefined {
    return this.#theirs ? this.#theirs.orientation : OWN_ORIENTATION;
  }

  /** What the browser wants, as it said last. */
  get direction(): Direction {
    return this.#theirs?.direction ?? 'inactive';
  }

  get isAwaited(): boolean {
    return this.#isAwaited;
  }

  get said(): Direction {
    return this.#said;
  }

  /** All but what it has said to lack. */
  get possible(): readonly VideoCodec[] {
    return this.#all.filter((it) => !isAmong(this.#lacks, it));
  }

  /** What both have said. */
  get common(): readonly VideoCodec[] {
    return this.#local.filter((it) => isAmong(this.#remote, it));
  }

  /** It has this of IMS, or has not said that it lacks it. */
  mayHave(ims: VideoCodec): boolean {
    return nearestVideo(this.possible, ims) !== undefined;
  }

  /** It has said so, and not only been asked. */
  has(ims: VideoCodec): boolean {
    return nearestVideo(this.#has, ims) !== undefined;
  }

  /** Of what it may have, all that we can make something else of, best first. */
  get makeable(): readonly VideoCodec[] {
    return this.possible.filter(canBeMade);
  }

  /** What both have that is the same as this of IMS, or passes for it. */
  agreed(ims: VideoCodec): { readonly local: VideoCodec; readonly remote: VideoCodec } | undefined {
    const local = nearestVideo(this.common, ims);
    const remote = local && this.#remote.find((it) => isSameVideo(it, local));
    return local && remote && { local, remote };
  }

  /** What it has that we can make something else of. */
  get convertible(): { readonly local: VideoCodec; readonly remote: VideoCodec } | undefined {
    const local = this.common.find(canBeMade);
    return local && this.agreed(local);
  }

  /**
   * From now on these formats, first the one that is to be spoken, with their parameters, and this
   * direction: what the next description says. True where that is news.
   */
  settle(formats: readonly VideoCodec[], direction: Direction): boolean {
    const known = this.possible.filter((it) => isAmong(this.#has, it));
    const settled = formats.flatMap((it) => {
      const own = nearestVideo(known, it) ?? nearestVideo(this.possible, it);
      if (!own) return [];
      const fmtp = parametersFor(own, it);
      const { isMade } = it;
      return [{ ...own, ...(fmtp !== undefined && { fmtp }), ...(isMade && { isMade }) }];
    });
    const [first, before] = [settled[0], this.#local[0]];
    const isSpoken = first !== undefined && before !== undefined && isSameVideo(first, before);
    const isKnown = isSpoken && (this.#isSettled || this.#local.length === 1);
    const isNews = this.#said !== direction || !isKnown;
    this.#local = settled;
    this.#isSettled = true;
    this.#said = direction;
    this.#isAwaited ||= isNews;
    return isNews;
  }

  say(direction: Direction): void {
    this.#said = direction;
  }

  takeAnswer(answer: BrowserVideoMedia | undefined): void {
    const codecs = answer ? commonVideo(answer.codecs, this.#local) : [];
    this.#lacks = [
      ...this.#lacks.filter((it) => !isAmong(codecs, it)),
      ...this.#local.filter((it) => !isAmong(codecs, it)),
    ];
    this.#has = [...this.#has.filter((it) => !isAmong(this.#lacks, it)), ...codecs];
    this.#remote = codecs;
    this.#isAwaited = false;
    if (!answer || codecs.length === 0) return;
    this.#local = commonVideo(this.#local, codecs);
    this.#theirs = answer;
  }

  section(): BrowserVideoSection {
    const { orientation } = this;
    return {
      index: this.index,
      codecs: this.#local,
      direction: this.#said,
      ssrc: this.#ssrc,
      ...(orientation === undefined ? {} : { orientation }),
    };
  }
}

const isAmong = (codecs: readonly VideoCodec[], codec: VideoCodec): boolean =>
  codecs.some((it) => isSameVideo(it, codec));

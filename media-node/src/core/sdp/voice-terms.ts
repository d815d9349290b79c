import {
  type Codec,
  type CodecWithPayload,
  commonCodecs,
  isOpus,
  isSameCodec,
  voiceCodecs,
  voiceOf,
} from './codecs.ts';

/** Voice that can be agreed with IMS: what passes through, then what is transcoded from Opus. */
export interface VoiceTowardIms {
  readonly passed: readonly CodecWithPayload[];
  readonly transcoded: readonly CodecWithPayload[];
}

/** What every browser may know; the others are of phones (RFC 7874 §3). */
const OF_BROWSERS = ['opus', 'G722', 'PCMA', 'PCMU'];

const isIn = (codecs: readonly Codec[], codec: Codec): boolean =>
  codecs.some((it) => isSameCodec(it, codec));

/** A tenant's codecs in its order, and what the node can make of Opus. */
export class VoiceTerms {
  /** As we number them. */
  readonly passable: readonly CodecWithPayload[];
  /** All that a browser may be offered by us: Opus too, where only phones' codecs are allowed. */
  readonly ofBrowser: readonly CodecWithPayload[];
  readonly #made: readonly CodecWithPayload[];

  constructor(allowed: readonly string[], transcodable: ReadonlySet<string>) {
    const codecs = voiceCodecs(allowed);
    const known = voiceCodecs(OF_BROWSERS);
    this.passable = codecs.filter((it) => isIn(known, it));
    const opus = known.filter(isOpus);
    this.#made = transcodable.has('opus')
      ? codecs.filter((it) => !isOpus(it) && transcodable.has(it.name))
      : [];
    const bridge = this.#made.length > 0 ? opus : [];
    this.ofBrowser = [...this.passable, ...bridge.filter((it) => !isIn(this.passable, it))];
  }

  /** Of an offer of theirs, in its order and numbers; of all we allow, where the offer is ours. */
  towardIms(
    offered: readonly CodecWithPayload[] | undefined,
    browserCan: readonly Codec[],
  ): VoiceTowardIms {
    const pick = (ours: readonly CodecWithPayload[]) =>
      offered ? voiceOf(commonCodecs(offered, ours)) : ours;
    const passed = commonCodecs(pick(this.passable), browserCan);
    if (!browserCan.some(isOpus)) return { passed, transcoded: [] };
    const transcoded = pick(this.#made)
      .filter((it) => !isIn(passed, it))
      .map((it) => ({ ...it, isMade: true }));
    return { passed, transcoded };
  }

  /** What the browser is to speak for that, in the numbers of `codecs`. */
  towardBrowser(
    { passed, transcoded }: VoiceTowardIms,
    codecs: readonly CodecWithPayload[],
  ): readonly CodecWithPayload[] {
    const same = passed.flatMap((it) => commonCodecs(codecs, [it]).slice(0, 1));
    const bridge = transcoded.length > 0 ? codecs.filter(isOpus).slice(0, 1) : [];
    return [...same, ...bridge.filter((it) => !isIn(same, it))];
  }

  /** What the browser sends while IMS is spoken to in this codec. */
  browserCodecFor(
    ims: Codec,
    browserCan: readonly CodecWithPayload[],
  ): CodecWithPayload | undefined {
    return commonCodecs(browserCan, [ims])[0] ?? browserCan.find(isOpus);
  }
}

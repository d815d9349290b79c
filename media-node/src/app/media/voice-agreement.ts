import { IwfError } from '@isthmus/shared/errors/iwf-error';
import { err, ok, type Result } from '@isthmus/shared/result';
import { isAgreed, noCommonCodec } from '../../core/sdp/agreement.ts';
import type { BrowserLeg } from '../../core/sdp/browser-leg.ts';
import {
  type Codec,
  type CodecWithPayload,
  commonCodecs,
  isEvent,
  isOpus,
  voiceOf,
  withEvents,
  withTheirEvents,
} from '../../core/sdp/codecs.ts';
import { bridgeOf, type CrossingOptions, crossingOf } from '../../core/sdp/crossing.ts';
import type { ImsLeg } from '../../core/sdp/ims-leg.ts';
import type { LegCodecs } from '../../core/sdp/stream-rewrite.ts';
import { VoiceTerms, type VoiceTowardIms } from '../../core/sdp/voice-terms.ts';
import type { MediaCall } from '../../ports/media-plane.ts';
import type { MediaStats } from '../../ports/media-stats.ts';
import type { Transcoder } from '../../ports/transcoder.ts';
import { VoiceDetour } from './voice-detour.ts';

/** What becomes of a call that would be transcoded, on a node that transcodes as many as it may. */
export type WhenFull = 'pass-through' | 'refuse';

export interface VoiceAgreementOptions {
  /** Names allowed toward IMS, in the tenant's order. */
  readonly allowed: readonly string[];
  readonly whenFull: WhenFull;
  /** Keys go to IMS otherwise than as RTP. */
  readonly digitsByInfo?: boolean | undefined;
}

/** Codecs that serve a call, what passes through before what is transcoded. */
export interface ChosenVoice {
  readonly first: CodecWithPayload;
  readonly ims: readonly CodecWithPayload[];
  /** Out of these, what the browser is to speak. */
  browser(codecs: readonly CodecWithPayload[]): readonly CodecWithPayload[];
}

interface VoiceLegs {
  readonly browser: BrowserLeg;
  readonly ims: ImsLeg;
}

/** Which codecs one call may be in, and its way through the transcoder where it needs one. */
export class VoiceAgreement {
  readonly #terms: VoiceTerms;
  readonly #transcoder: Transcoder;
  readonly #detour: VoiceDetour;
  readonly #whenFull: WhenFull;
  readonly #digitsByInfo: boolean;

  constructor(
    transcoder: Transcoder,
    { allowed, whenFull, digitsByInfo = false }: VoiceAgreementOptions,
  ) {
    this.#terms = new VoiceTerms(allowed, transcoder.codecs);
    this.#transcoder = transcoder;
    this.#detour = new VoiceDetour(transcoder);
    this.#whenFull = whenFull;
    this.#digitsByInfo = digitsByInfo;
  }

  /** Of a call, and of its detour where it takes one. */
  statsOf(call: MediaCall): MediaStats {
    const stats = call.stats();
    const { playout } = this.#detour;
    if (!playout) return stats;
    return {
      ...stats,
      access: { ...stats.access, playout: playout.browser },
      ims: { ...stats.ims, playout: playout.ims },
    };
  }

  /** What a browser may be offered, as we number it. */
  get ofBrowser(): readonly CodecWithPayload[] {
    return this.#terms.ofBrowser;
  }

  /** Before its first answer, or where it was asked for one codec only: all that we may offer it. */
  browserCan(
    said: readonly CodecWithPayload[],
    wasAskedForOne: boolean,
  ): readonly CodecWithPayload[] {
    const known = voiceOf(said).length;
    return known > 1 || (known === 1 && !wasAskedForOne) ? said : withEvents(this.ofBrowser);
  }

  /** Of an offer of IMS, or of all we allow where the offer is ours. */
  choose(
    offered: readonly CodecWithPayload[] | undefined,
    browserCan: readonly Codec[],
  ): Result<ChosenVoice, IwfError> {
    const wished = this.#terms.towardIms(offered, browserCan);
    const admitted = this.#admit(wished);
    if (!admitted.ok) return admitted;
    const ims = [...admitted.value.passed, ...admitted.value.transcoded];
    const [first] = ims;
    if (!first) return noCommonCodec(offered ?? browserCan);
    return ok({
      first,
      ims,
      browser: (codecs) => this.#terms.towardBrowser(admitted.value, codecs),
    });
  }

  browserCodecFor(
    ims: Codec,
    browserCan: readonly CodecWithPayload[],
  ): CodecWithPayload | undefined {
    return this.#terms.browserCodecFor(ims, browserCan);
  }

  /** Those of `codecs` that pass through to these of IMS, in IMS's order. */
  #sameAs(ims: readonly Codec[], codecs: readonly CodecWithPayload[]): readonly CodecWithPayload[] {
    return ims.flatMap((it) => commonCodecs(codecs, [it]));
  }

  /** What the browser is to be offered, to send what IMS named first; undefined: it does already. */
  toFollow(
    ims: readonly CodecWithPayload[],
    browserCan: readonly CodecWithPayload[],
    sent: Codec | undefined,
  ): readonly CodecWithPayload[] | undefined {
    const [first] = ims;
    const wanted = first && this.browserCodecFor(first, browserCan);
    if (isAgreed(wanted, sent)) return undefined;
    const theirs = wanted && isOpus(wanted) ? [wanted] : this.#sameAs(ims, browserCan);
    return withTheirEvents(theirs, browserCan);
  }

  apply(call: MediaCall, { browser, ims }: VoiceLegs): void {
    this.#detour.apply(call, crossingOf(browser.codecs, this.#sentTo(ims), this.#optionsOf(ims)));
  }

  /** Until the browser follows, what it sends is made into what IMS hears. False: it cannot be. */
  bridge(call: MediaCall, { browser, ims }: VoiceLegs): boolean {
    const bridge = bridgeOf(browser.codecs, this.#sentTo(ims), this.#optionsOf(ims));
    const { codecs } = this.#transcoder;
    const isMade =
      bridge && codecs.has(bridge.plan.browser.codec) && codecs.has(bridge.plan.ims.codec);
    if (!isMade || !this.#detour.reserve()) return false;
    this.#detour.apply(call, bridge);
    return true;
  }

  #sentTo({ codecs: { local, remote } }: ImsLeg): LegCodecs {
    return { local, remote: this.#digitsByInfo ? remote.filter((it) => !isEvent(it)) : remote };
  }

  #optionsOf({ packing }: ImsLeg): CrossingOptions {
    return { ...packing, keysByInfo: this.#digitsByInfo };
  }

  release(): void {
    this.#detour.release();
  }

  /** A place is taken where transcoding may be needed, and given back when it is not. */
  #admit(wished: VoiceTowardIms): Result<VoiceTowardIms, IwfError> {
    if (wished.transcoded.length === 0 || this.#detour.reserve()) return ok(wished);
    if (this.#whenFull === 'pass-through') return ok({ ...wished, transcoded: [] });
    const { used: activeCalls, capacity: limit } = this.#transcoder.load;
    return err(new IwfError('node.at-capacity', { activeCalls, limit }));
  }
}

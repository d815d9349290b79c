import { IwfError } from '@isthmus/shared/errors/iwf-error';
import { err, ok, type Result } from '@isthmus/shared/result';
import type { ImsKeys, RtpEndpoint } from '../../ports/media-plane.ts';
import type { Packing } from '../../ports/transcoder.ts';
import { answeredEvsFormat } from '../voice/evs-format.ts';
import { answeredAmrFormat } from '../voice/format-parameters.ts';
import { noCommonCodec } from './agreement.ts';
import {
  type CodecWithPayload,
  commonCodecs,
  isAmr,
  isEvs,
  isNoise,
  isSameCodec,
  voiceOf,
  withTheirEvents,
} from './codecs.ts';
import { ImsLayout } from './ims-layout.ts';
import type { ImsMedia } from './ims-reading.ts';
import { ImsVideo } from './ims-video.ts';
import { OwnDescription } from './own-description.ts';
import { Protection, type ProtectionOptions } from './protection.ts';
import {
  type Direction,
  flowOf,
  type MediaSection,
  mirrored,
  narrowed,
} from './session-description.ts';
import type { LegCodecs } from './stream-rewrite.ts';
import { audioSection, type ImsSide, writeIms } from './to-ims.ts';
import type { VideoCodec } from './video-codecs.ts';

export type ImsLegOptions = ImsSide & ProtectionOptions;

/** Offer and answer with IMS over one port pair (RFC 3264). */
export class ImsLeg {
  readonly #side: ImsSide;
  readonly #options: ProtectionOptions;
  readonly #protection: Protection;
  readonly #own = new OwnDescription();
  readonly #layout = new ImsLayout();
  /** Absent: there is none, or it is refused. */
  video: ImsVideo | undefined;
  #offer: ImsMedia | undefined;
  #local: readonly CodecWithPayload[] = [];
  #remote: readonly CodecWithPayload[] = [];
  #receives = true;
  #packing: Packing = { framesPerPacket: 1 };
  #isReachable = true;
  #isHeld = false;
  /** Of our last description. */
  #said: Direction = 'sendrecv';

  constructor({ terms, newKey, fingerprints, ...side }: ImsLegOptions) {
    this.#side = side;
    this.#options = { terms, newKey, fingerprints };
    this.#protection = new Protection(this.#options);
  }

  /** What both have agreed on; plain RTP where there is nothing. */
  get keys(): ImsKeys {
    return this.#protection.keys;
  }

  get codecs(): LegCodecs {
    return { local: this.#local, remote: this.#remote };
  }

  /** Of what we send. */
  get packing(): Packing {
    return this.#packing;
  }

  /** False while IMS holds the call (RFC 3264 §8.4). */
  get receives(): boolean {
    return this.#receives;
  }

  /** False where IMS gave no address: not even RTCP is wanted there (RFC 3264 §8.4). */
  get isReachable(): boolean {
    return this.#isReachable;
  }

  /** Our side holds: from the next description on, we take no media. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
  }

  /** Theirs, still to be answered; none where the offer is ours. */
  get pendingOffer(): ImsMedia | undefined {
    return this.#offer;
  }

  takeOffer(offer: ImsMedia): void {
    this.#offer = offer;
  }

  offer(
    codecs: readonly CodecWithPayload[],
    direction: Direction,
    ofVideo: Direction = 'sendrecv',
  ): string {
    this.#offer = undefined;
    this.#local = codecs;
    this.#said = this.#willing(direction);
    const { protocol, attributes: protection } = this.#protection.offer('AVP');
    const audio = audioSection(this.#side, {
      ...{ codecs, protocol, protection, direction: this.#said },
      sharesPort: this.#options.terms.sharesPort,
    });
    const video = this.video?.offer(narrowed(this.#willing(this.video.willing), ofVideo));
    return this.#write(this.#layout.placed(audio, video));
  }

  /**
   * What is agreed, offered again. A stream they hold is not asked back: `sendrecv` or `sendonly`
   * become `recvonly` or `inactive` (RFC 3264 §8.4, 3GPP TS 24.610 §4.5.2.1).
   */
  reoffer(willing: Direction): string {
    const agreed = commonCodecs(this.#local, this.#remote);
    const most = this.#receives ? 'sendrecv' : 'recvonly';
    return this.offer(agreed, narrowed(willing, most), most);
  }

  /** One voice codec, as 3GPP TS 26.114 §6.2.2.3 has it, so that nobody may switch unasked. */
  answer(offer: ImsMedia, voice: CodecWithPayload, willing: Direction): string {
    const codecs = withTheirEvents([answered(voice)], offer.codecs);
    this.#local = codecs;
    this.#remote = withTheirEvents([voice], offer.codecs);
    this.#packing = offer.packing;
    this.#receives = flowOf(offer.direction).receive;
    this.#isReachable = offer.remote !== undefined;
    const direction = narrowed(mirrored(offer.direction), this.#willing(willing));
    this.#said = direction;
    const protection = this.#protection.answer(offer);
    const { protocol, sharesPort } = offer;
    const withoutRtcp = offer.remote?.rtcpPort === 0;
    const described = { codecs, direction, protection, protocol, sharesPort, withoutRtcp };
    const audio = audioSection(this.#side, described);
    const video = offer.video && this.video?.answer(offer.video, this.#willing(this.video.willing));
    this.#layout.follow(offer);
    return this.#write(this.#layout.placed(audio, video));
  }

  /** The voice codecs IMS agreed to, in its order. Refused, an answer changes nothing. */
  takeAnswer(answer: ImsMedia): Result<readonly CodecWithPayload[], IwfError> {
    const voice = voiceOf(commonCodecs(answer.codecs, this.#local));
    if (voice.length === 0) return noCommonCodec(answer.codecs);
    if (!this.#protection.takeAnswer(answer)) {
      return err(new IwfError('sdp.no-common-security', {}));
    }
    const noise = commonCodecs(answer.codecs, this.#local).filter(isNoise);
    this.#remote = [...withTheirEvents(voice, answer.codecs), ...noise];
    this.#packing = answer.packing;
    this.#isReachable = answer.remote !== undefined;
    // Who was offered nothing says nothing of a hold by taking nothing.
    if (flowOf(this.#said).send) this.#receives = flowOf(answer.direction).receive;
    return ok(voice);
  }

  /** A stream of video beside it, on the same terms. */
  newVideo(local: RtpEndpoint, codecs: readonly VideoCodec[]): ImsVideo {
    return new ImsVideo({ ...this.#options, local, codecs });
  }

  #write(sections: readonly MediaSection[]): string {
    return this.#own.write((version) => writeIms(this.#side, version, sections));
  }

  #willing(direction: Direction): Direction {
    return this.#isHeld ? narrowed(direction, 'sendonly') : direction;
  }

  /** Of what is offered: the codec in use if it is there, else the first. */
  choose(voice: readonly CodecWithPayload[]): CodecWithPayload | undefined {
    const [inUse] = this.#remote;
    return voice.find((it) => inUse && isSameCodec(it, inUse)) ?? voice[0];
  }
}

function answered(voice: CodecWithPayload): CodecWithPayload {
  if (isEvs(voice)) return { ...voice, fmtp: answeredEvsFormat(voice.fmtp) };
  return isAmr(voice) ? { ...voice, fmtp: answeredAmrFormat(voice.fmtp) } : voice;
}

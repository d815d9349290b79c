import type { Feedback, ImsKeys, RtpEndpoint } from '../../ports/media-plane.ts';
import type { ImsStream } from './ims-reading.ts';
import { Protection, type ProtectionOptions } from './protection.ts';
import {
  type Attribute,
  type Direction,
  type MediaSection,
  mirrored,
  narrowed,
} from './session-description.ts';
import {
  feedbackAttributes,
  IMS_FEEDBACK,
  orientationAttributes,
  type VideoCodec,
  videoAttributes,
  withoutSets,
} from './video-codecs.ts';
import { nearestVideo, offeredAs } from './video-meeting.ts';

export interface ImsVideoOptions extends ProtectionOptions {
  readonly local: RtpEndpoint;
  /** What we offer, best first; none where the offer is theirs. */
  readonly codecs: readonly VideoCodec[];
}

/** Kilobits a second we say to take, with headers (3GPP TS 26.114 §6.2.5.2). */
const BANDWIDTH_KBPS = 2000;
/** Our number of the orientation where the offer is ours. */
const OWN_ORIENTATION = 4;

interface Said {
  readonly protection: readonly Attribute[];
  readonly feedback: readonly Feedback[];
}

/** Offer and answer of the one video stream toward IMS (RFC 3264). */
export class ImsVideo {
  readonly #local: RtpEndpoint;
  readonly #protection: Protection;
  /** Video lives by feedback: it is offered with its profile (3GPP TS 26.114 §6.2.3.2). */
  #protocol = 'RTP/AVPF';
  #sharesPort: boolean;
  #offered: readonly VideoCodec[];
  #chosen: VideoCodec | undefined;
  /** What our side wants to do. */
  willing: Direction = 'sendrecv';
  #codecs: { readonly local: VideoCodec; readonly remote: VideoCodec } | undefined;
  #orientation: number | undefined = OWN_ORIENTATION;
  #feedback: readonly Feedback[] = [];
  #bandwidthKbps: number | undefined;
  #receives: Direction = 'sendrecv';
  /** Of our last description, and of the one that was agreed. */
  #said: Direction = 'inactive';
  #agreed: Direction = 'inactive';
  #agreedWilling: Direction = 'sendrecv';

  constructor({ local, codecs, ...options }: ImsVideoOptions) {
    this.#local = local;
    this.#offered = codecs;
    this.#protection = new Protection(options);
    this.#sharesPort = options.terms.sharesPort;
  }

  get keys(): ImsKeys {
    return this.#protection.keys;
  }

  /** What is agreed, in the numbers of each side's description. */
  get codecs(): { readonly local: VideoCodec; readonly remote: VideoCodec } | undefined {
    return this.#codecs;
  }

  get orientation(): number | undefined {
    return this.#orientation;
  }

  /** What IMS takes. */
  get feedback(): readonly Feedback[] {
    return this.#feedback;
  }

  /** As much as IMS takes, where it says so. */
  get bandwidthKbps(): number | undefined {
    return this.#bandwidthKbps;
  }

  /** What IMS wants to do, as it said last. */
  get direction(): Direction {
    return this.#receives;
  }

  /** What passes, as our side sees it. */
  get agreed(): Direction {
    return this.#agreed;
  }

  /** Offered, or still to be, and never agreed. */
  get isNew(): boolean {
    return this.#codecs === undefined;
  }

  /** Our last offer counts for nothing (RFC 3261 §14.1). False where there was no video before. */
  revert(): boolean {
    this.willing = this.#agreedWilling;
    return this.#codecs !== undefined;
  }

  offer(direction: Direction): MediaSection {
    this.#said = direction;
    if (this.#codecs) this.#offered = [this.#codecs.local];
    const hasFeedback = this.#protocol.endsWith('F');
    const offered = this.#protection.offer(hasFeedback ? 'AVPF' : 'AVP');
    this.#protocol = offered.protocol;
    const feedback = hasFeedback ? IMS_FEEDBACK : this.#feedback;
    return this.#section(this.#offered, direction, { protection: offered.attributes, feedback });
  }

  /** What is to be offered where nothing was agreed. */
  propose(codecs: readonly VideoCodec[]): void {
    this.#offered = codecs;
  }

  /** Of their offer, what is to be answered. */
  choose(codec: VideoCodec): void {
    this.#chosen = codec;
  }

  /** `undefined` where nothing was chosen: it is refused. */
  answer(offer: ImsStream, willing: Direction): MediaSection | undefined {
    const codec = this.#chosen;
    if (!codec) return undefined;
    this.#chosen = undefined;
    const protection = this.#protection.answer(offer);
    this.#protocol = offer.protocol;
    this.#sharesPort = offer.sharesPort;
    const local = withoutSets(codec);
    this.#codecs = { local, remote: codec };
    this.#learn(offer);
    const direction = narrowed(mirrored(offer.direction), willing);
    this.#said = direction;
    this.#settle();
    // Nothing that was not offered (RFC 4585 §4.2).
    const feedback = IMS_FEEDBACK.filter((it) => this.#feedback.includes(it));
    return this.#section([local], direction, { protection, feedback });
  }

  /** False where the answer shares nothing with our offer: the video is over. */
  takeAnswer(answer: ImsStream): boolean {
    const remote = answer.video.find((it) => nearestVideo(this.#offered, it));
    const local = remote && offeredAs(this.#offered, remote);
    if (!(remote && local && this.#protection.takeAnswer(answer))) return false;
    this.#codecs = { local, remote };
    this.#learn(answer);
    this.#settle();
    return true;
  }

  #settle(): void {
    this.#agreed = narrowed(this.#said, mirrored(this.#receives));
    this.#agreedWilling = this.willing;
  }

  #learn(stream: ImsStream): void {
    this.#receives = stream.direction;
    this.#feedback = stream.feedback;
    this.#bandwidthKbps = stream.bandwidthKbps;
    // Their number: what we answered is the same, what they answered was ours (RFC 8285 §6).
    this.#orientation = stream.orientation;
  }

  #section(
    codecs: readonly VideoCodec[],
    direction: Direction,
    { protection, feedback }: Said,
  ): MediaSection {
    return {
      kind: 'video',
      port: this.#local.rtpPort,
      protocol: this.#protocol,
      formats: codecs.map((it) => String(it.payloadType)),
      bandwidthKbps: BANDWIDTH_KBPS,
      attributes: [
        ...videoAttributes(codecs),
        ...feedbackAttributes(codecs, feedback),
        ...orientationAttributes(this.#orientation),
        { name: 'rtcp', value: String(this.#local.rtcpPort) },
        ...(this.#sharesPort ? [{ name: 'rtcp-mux' }] : []),
        ...protection,
        { name: direction },
      ],
    };
  }
}

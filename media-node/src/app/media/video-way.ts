import type { VideoCarried } from '../../core/quality/leg-numbers.ts';
import type { BrowserVideo } from '../../core/sdp/browser-video.ts';
import type { ImsVideo } from '../../core/sdp/ims-video.ts';
import { canBeMade, madeByUs, type VideoCodec } from '../../core/sdp/video-codecs.ts';
import { type PlannedSide, videoPlan } from '../../core/sdp/video-plan.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Gate, ImsRemote, MediaCall, VideoStream } from '../../ports/media-plane.ts';
import type { VideoTranscoder } from '../../ports/video-transcoder.ts';
import { VideoDetour } from './video-detour.ts';
import { VideoTally } from './video-tally.ts';

/** The way of one call's video: from leg to leg, or through the transcoder where a format has to be made. */
export class VideoWay {
  readonly #transcoder: VideoTranscoder;
  readonly #detour: VideoDetour;
  readonly #tally: VideoTally;
  #stream: VideoStream | undefined;

  constructor(transcoder: VideoTranscoder, clock: Pick<Clock, 'nowMs'>) {
    this.#transcoder = transcoder;
    this.#detour = new VideoDetour(transcoder);
    this.#tally = new VideoTally(clock);
  }

  async open(call: MediaCall): Promise<VideoStream | undefined> {
    // Without a port left the call is one of voice.
    this.#stream = await call.openVideo?.().catch(() => undefined);
    return this.#stream;
  }

  connect(remote: ImsRemote): void {
    this.#stream?.connectIms(remote);
  }

  setGate(gate: Gate): void {
    this.#stream?.setGate(gate);
    if (this.#stream) this.#tally.gateSet(gate);
  }

  /** In all the streams there were; `undefined` where none was ever open. */
  carried(): VideoCarried | undefined {
    return this.#tally.read(this.#stream?.stats());
  }

  /** Of formats that do not pass, those that others can be made of. */
  convertible(codecs: readonly VideoCodec[] = []): readonly VideoCodec[] {
    return this.#transcoder.isAvailable ? codecs.filter(canBeMade) : [];
  }

  /** What is offered beside `have`, to be made of it; nothing where no place is left for that. */
  made(names: readonly VideoCodec['name'][], have: readonly VideoCodec[]): readonly VideoCodec[] {
    const made = have.some(canBeMade) ? madeByUs(names, have) : [];
    return made.length > 0 && this.hasPlace() ? made : [];
  }

  /** Of what IMS has, what is to be made of the browser's, and the other way round. */
  toConvert(
    video: BrowserVideo | undefined,
    offered: readonly VideoCodec[],
  ): VideoCodec | undefined {
    return video?.convertible && this.hasPlace() ? offered.find(canBeMade) : undefined;
  }

  /** Once both sides have agreed, and whenever they agree anew. */
  apply({ browser, ims }: { browser: BrowserVideo; ims: ImsVideo }): void {
    const stream = this.#stream;
    const toward = ims.codecs;
    const passing = toward && browser.agreed(toward.remote);
    const spoken = passing ?? browser.convertible;
    if (!(stream && toward && spoken && (passing ?? this.hasPlace()))) return;
    this.#tally.codecs = { access: spoken.remote.name, ims: toward.remote.name };
    const orientation = [browser.orientation, ims.orientation] as const;
    stream.setRewrite({
      payloadToIms: new Map([[spoken.local.payloadType, toward.remote.payloadType]]),
      payloadToBrowser: new Map([[toward.local.payloadType, spoken.remote.payloadType]]),
      feedback: { browser: browser.feedback, ims: ims.feedback },
      ...(orientation[0] !== undefined && orientation[1] !== undefined
        ? { orientation: { browser: orientation[0], ims: orientation[1] } }
        : {}),
    });
    const plan = videoPlan({ browser: sideOf(browser, spoken), ims: sideOf(ims, toward) });
    this.#detour.apply(stream, passing ? undefined : plan);
  }

  /** The call goes on without. */
  close(): void {
    const stream = this.#stream;
    this.#stream = undefined;
    if (stream) this.#tally.ended(stream.stats());
    this.release();
    // Its ports come back by themselves should this fail; the call does not wait for it.
    void stream?.close();
  }

  /** The call is over, and its streams with it. */
  release(): void {
    this.#detour.release();
  }

  /** It may be transcoded; the place is kept until it turns out not to be needed. */
  hasPlace(): boolean {
    return this.#stream !== undefined && this.#detour.reserve(this.#stream);
  }
}

const sideOf = (
  { feedback, orientation, bandwidthKbps }: Omit<PlannedSide, 'local' | 'remote'>,
  { local, remote }: Pick<PlannedSide, 'local' | 'remote'>,
): PlannedSide => ({ local, remote, feedback, orientation, bandwidthKbps });

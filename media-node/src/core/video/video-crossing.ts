import type { LegName } from '../../ports/media-plane.ts';
import type { VideoCodecs } from '../../ports/video-codecs.ts';
import type { VideoPlan, VideoSink } from '../../ports/video-transcoder.ts';
import { otherLeg } from '../media/relay.ts';
import { type DirectionOutput, VideoDirection } from './video-direction.ts';

/** The video of one call, both ways. */
export class VideoCrossing {
  /** By the leg it comes from. */
  readonly #directions: Readonly<Record<LegName, VideoDirection>>;
  readonly #sink: VideoSink;

  constructor({ browser, ims }: VideoPlan, codecs: VideoCodecs, sink: VideoSink) {
    this.#directions = {
      browser: new VideoDirection(browser, ims, codecs),
      ims: new VideoDirection(ims, browser, codecs),
    };
    this.#sink = sink;
  }

  take(from: LegName, packet: Uint8Array, when: { atMs: number; nowMs: number }): void {
    this.#put(from, this.#directions[from].take(packet, when.atMs, when.nowMs));
  }

  turn(nowMs: number): void {
    this.#put('browser', this.#directions.browser.turn(nowMs));
    this.#put('ims', this.#directions.ims.turn(nowMs));
  }

  wantPicture(by: LegName, nowMs: number): void {
    this.#directions[otherLeg(by)].wantPicture(nowMs);
  }

  limit(by: LegName, bitsPerS: number): void {
    this.#directions[otherLeg(by)].limit(bitsPerS);
  }

  close(): void {
    this.#directions.browser.close();
    this.#directions.ims.close();
  }

  #put(from: LegName, { packets, wantsPicture, missing }: DirectionOutput): void {
    for (const packet of packets) this.#sink.leave(otherLeg(from), packet);
    if (wantsPicture) this.#sink.askPicture(from);
    if (missing.length > 0) this.#sink.askAgain(from, missing);
  }
}

import { heldGate } from '../../core/sdp/held-gate.ts';
import type { Gate } from '../../ports/media-plane.ts';
import type { Legs } from './legs.ts';
import type { VideoAgreement } from './video-agreement.ts';

/** What of a call may pass: by its machine, by a hold of IMS, and by what the browser has still to answer. */
export class CallGate {
  readonly #video: VideoAgreement;
  #wanted: Gate = { toIms: false, toBrowser: false };
  #isAwaiting = false;
  #isBridged = false;

  constructor(video: VideoAgreement) {
    this.#video = video;
  }

  /** The browser owes an answer to a description of ours. */
  get isAwaiting(): boolean {
    return this.#isAwaiting;
  }

  want(gate: Gate, legs: Legs | undefined): void {
    this.#wanted = gate;
    if (legs) this.apply(legs);
  }

  /** `isBridged`: what it sends until then is made into what IMS hears. */
  awaitBrowser(isBridged = false): void {
    this.#isAwaiting = true;
    this.#isBridged = isBridged;
  }

  answered(): void {
    this.#isAwaiting = false;
    this.#isBridged = false;
  }

  apply(legs: Legs): void {
    const gate = heldGate(this.#wanted, legs.ims);
    const isHeard = !this.#isAwaiting || this.#isBridged;
    legs.call.setGate({ ...gate, toIms: gate.toIms && isHeard });
    this.#video.applyGate(legs, gate);
  }
}

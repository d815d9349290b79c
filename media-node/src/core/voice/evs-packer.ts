import type { VoiceLeg } from '../../ports/transcoder.ts';
import { evsRequests, evsRules, isHeaderFullOnly } from './evs-format.ts';
import { EVS_NO_DATA, type EvsFrame, evsFrameOf, isEvsSpeech } from './evs-frame.ts';
import { firstEvsMode, requestedEvsMode } from './evs-modes.ts';
import { type EvsWriting, NO_EVS_REQUEST, writeEvsPayload } from './evs-payload.ts';
import type { FramePacker, Packed } from './packed-frames.ts';

export class EvsPacker implements FramePacker {
  readonly #leg: VoiceLeg;
  readonly #rules;
  readonly #writing: EvsWriting;
  readonly hearOfLoss = (): void => undefined;
  #mode: number;
  #asked = NO_EVS_REQUEST;
  #frames: EvsFrame[] = [];

  constructor(leg: VoiceLeg) {
    this.#leg = leg;
    this.#rules = evsRules(leg.leavingFormat);
    this.#mode = firstEvsMode(this.#rules);
    this.#writing = {
      headerFullOnly: isHeaderFullOnly(leg.leavingFormat, leg.arrivingFormat),
      alwaysRequests: evsRequests(leg.leavingFormat) === 'always',
    };
  }

  nextMode(): number {
    return this.#mode;
  }

  requestMode(mode: number): void {
    this.#mode = requestedEvsMode(this.#rules, this.#mode, mode);
  }

  askFor(mode: number): void {
    this.#asked = mode;
  }

  add(octets: Uint8Array): Packed | undefined {
    this.#frames.push(evsFrameOf(octets.slice()));
    if (this.#frames.length < this.#leg.framesPerPacket) return undefined;
    const frames = this.#frames.splice(0);
    const { leaving: payloadType } = this.#leg;
    if (frames.every((it) => it.frameType === EVS_NO_DATA)) {
      return { kind: 'silence', payloadType, frames: frames.length };
    }
    const payload = writeEvsPayload(this.#writing, { modeRequest: this.#asked, frames });
    return frames.some((it) => isEvsSpeech(it.frameType))
      ? { kind: 'speech', payload, frames: frames.length }
      : { kind: 'silence', payload, payloadType, frames: frames.length };
  }

  clear(): void {
    this.#frames = [];
  }
}

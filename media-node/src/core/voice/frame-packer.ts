import type { VoiceLeg } from '../../ports/transcoder.ts';
import { concatBytes } from '../media/bytes.ts';
import { AmrPacker } from './amr-packer.ts';
import { levelOf, writeNoiseLevel } from './comfort-noise.ts';
import { EvsPacker } from './evs-packer.ts';
import { isOpusPause } from './opus-packet.ts';
import type { FramePacker, Packed } from './packed-frames.ts';
import { amrBandOf } from './voice-frame.ts';

export function newFramePacker(leg: VoiceLeg): FramePacker {
  const band = amrBandOf(leg.codec);
  if (band) return new AmrPacker(leg, band);
  if (leg.codec === 'EVS') return new EvsPacker(leg);
  return leg.codec === 'opus' ? new OpusPacker(leg) : new PcmPacker(leg);
}

const nothing = (): void => undefined;

class OpusPacker implements FramePacker {
  readonly #leg: VoiceLeg;
  readonly nextMode = (): number => 0;
  readonly requestMode = nothing;
  readonly askFor = nothing;
  readonly hearOfLoss = nothing;
  readonly clear = nothing;

  constructor(leg: VoiceLeg) {
    this.#leg = leg;
  }

  add(octets: Uint8Array): Packed {
    // What the encoder's DTX returns needs not be sent; every 400 ms it returns more.
    if (isOpusPause(octets)) {
      return { kind: 'silence', payloadType: this.#leg.leaving, frames: 1 };
    }
    return { kind: 'speech', payload: octets.slice(), frames: 1 };
  }
}

/** Below this, a receiver with comfort noise is told of silence instead of being sent it. */
const SILENCE_DB = 60;
/** Speech has pauses between words; only what goes on is a pause of the speaker. */
const HANGOVER_FRAMES = 10;
/** A level is told again while silence lasts, for packets get lost. */
const NOISE_REPEAT_FRAMES = 25;

class PcmPacker implements FramePacker {
  readonly #leg: VoiceLeg;
  readonly nextMode = (): number => 0;
  readonly requestMode = nothing;
  readonly askFor = nothing;
  readonly hearOfLoss = nothing;
  #parts: Uint8Array[] = [];
  #silentFrames = 0;

  constructor(leg: VoiceLeg) {
    this.#leg = leg;
  }

  add(octets: Uint8Array, pcm: Int16Array): Packed | undefined {
    const silence = this.#leg.noise ? this.#silence(pcm, this.#leg.noise.leaving) : undefined;
    if (silence) return silence;
    this.#parts.push(octets.slice());
    if (this.#parts.length < this.#leg.framesPerPacket) return undefined;
    const parts = this.#parts.splice(0);
    return { kind: 'speech', payload: concatBytes(...parts), frames: parts.length };
  }

  clear(): void {
    this.#parts = [];
  }

  #silence(pcm: Int16Array, payloadType: number): Packed | undefined {
    const levelDb = levelOf(pcm);
    this.#silentFrames = levelDb < SILENCE_DB ? 0 : this.#silentFrames + 1;
    const since = this.#silentFrames - HANGOVER_FRAMES;
    if (since < 0) return undefined;
    this.clear();
    const isTold = since % NOISE_REPEAT_FRAMES === 0;
    const payload = isTold ? { payload: writeNoiseLevel(levelDb) } : {};
    return { kind: 'silence', payloadType, frames: 1, ...payload };
  }
}

import type { SpokenModes } from '../../ports/media-stats.ts';
import type { VoiceLeg } from '../../ports/transcoder.ts';
import { type AmrBand, type AmrFrame, amrFrameOf, isSpeech, NO_DATA } from './amr-frame.ts';
import { type AmrModeRules, firstMode, nextMode, requestMode } from './amr-modes.ts';
import { type AmrFraming, MAX_FRAMES, NO_REQUEST, writeAmrPayload } from './amr-payload.ts';
import { amrModeRules, isOctetAligned } from './format-parameters.ts';
import { ModeTally } from './mode-tally.ts';
import type { FramePacker, Packed } from './packed-frames.ts';
import { noRedundancy, redundantMode, stepRedundancy } from './redundancy.ts';

export class AmrPacker implements FramePacker {
  readonly #leg: VoiceLeg;
  readonly #framing: AmrFraming;
  readonly #rules: AmrModeRules;
  readonly #tally: ModeTally;
  readonly #redundantMode: number | undefined;
  #redundancy = noRedundancy;
  #state;
  #asked = NO_REQUEST;
  #frames: AmrFrame[] = [];
  /** What left just before; none where nothing did. */
  #before: readonly AmrFrame[] = [];

  constructor(leg: VoiceLeg, band: AmrBand) {
    const { leavingFormat, arrivingFormat, framesPerPacket, mostFrames = MAX_FRAMES } = leg;
    this.#leg = leg;
    this.#framing = { band, octetAligned: isOctetAligned(leavingFormat) };
    const rules = amrModeRules(band, leavingFormat);
    const formats = [leavingFormat, arrivingFormat];
    this.#rules = rules;
    this.#tally = new ModeTally(band);
    this.#redundantMode = redundantMode({ rules, formats, framesPerPacket, mostFrames });
    this.#state = firstMode(rules);
  }

  get modes(): SpokenModes | undefined {
    return this.#tally.modes;
  }

  nextMode(): number {
    this.#state = nextMode(this.#rules, this.#state);
    return this.#state.mode;
  }

  requestMode(mode: number): void {
    this.#state = requestMode(this.#rules, this.#state, mode);
  }

  askFor(mode: number): void {
    this.#asked = mode;
  }

  hearOfLoss(share: number): void {
    if (this.#redundantMode === undefined) return;
    this.#redundancy = stepRedundancy(this.#redundancy, share);
    const { most: _, ...free } = this.#state;
    this.#state = this.#redundancy.isOn ? { ...free, most: this.#redundantMode } : free;
  }

  add(octets: Uint8Array): Packed | undefined {
    const frame = amrFrameOf(octets.slice());
    this.#tally.count(frame.frameType);
    this.#frames.push(frame);
    if (this.#frames.length < this.#leg.framesPerPacket) return undefined;
    const fresh = this.#frames.splice(0);
    if (fresh.every((it) => it.frameType === NO_DATA)) {
      this.#before = [];
      return { kind: 'silence', payloadType: this.#leg.leaving, frames: fresh.length };
    }
    const repeated = this.#redundancy.isOn ? this.#before : [];
    this.#before = fresh;
    return this.#packed(repeated, fresh);
  }

  /** The oldest first: the timestamp of a payload is that of its first frame (RFC 4867 §4.1). */
  #packed(repeated: readonly AmrFrame[], fresh: readonly AmrFrame[]): Packed {
    const all = [...repeated, ...fresh];
    const payload = writeAmrPayload(this.#framing, { modeRequest: this.#asked, frames: all });
    const frames = all.length;
    const hasSpeech = fresh.some((it) => isSpeech(this.#framing.band, it.frameType));
    if (hasSpeech) return { kind: 'speech', payload, frames };
    return { kind: 'silence', payload, payloadType: this.#leg.leaving, frames };
  }

  clear(): void {
    this.#frames = [];
    this.#before = [];
  }
}

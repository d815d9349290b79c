import type { Crossing } from '../../core/sdp/crossing.ts';
import type { MediaCall } from '../../ports/media-plane.ts';
import type {
  PlayoutOfLegs,
  Transcoder,
  TranscodingPlan,
  TranscodingSlot,
} from '../../ports/transcoder.ts';

/** The place of one call among those that are transcoded, and its detour while it is. */
export class VoiceDetour {
  readonly #transcoder: Transcoder;
  #slot: TranscodingSlot | undefined;
  /** As text: a plan that says the same goes on undisturbed. */
  #running: string | undefined;

  constructor(transcoder: Transcoder) {
    this.#transcoder = transcoder;
  }

  /** Whether this call may be transcoded; the place is kept until it turns out not to be needed. */
  reserve(): boolean {
    this.#slot ??= this.#transcoder.reserve();
    return this.#slot !== undefined;
  }

  /** Sends the sound of a call its way. */
  apply(call: MediaCall, { rewrite, plan }: Crossing): void {
    call.setRewrite(rewrite);
    if (!plan) {
      call.divert(undefined);
      this.release();
      return;
    }
    if (this.reserve()) this.#start(call, plan);
  }

  /** Absent while nothing goes this way. */
  get playout(): PlayoutOfLegs | undefined {
    return this.#slot?.playout;
  }

  release(): void {
    this.#slot?.release();
    this.#slot = undefined;
    this.#running = undefined;
  }

  #start(call: MediaCall, plan: TranscodingPlan): void {
    const slot = this.#slot;
    const text = JSON.stringify(plan);
    if (!slot || text === this.#running) return;
    this.#running = text;
    slot.start(plan, {
      leave: (to, packet) => {
        call.send(to, packet);
      },
      lostAt: (leg) => call.stats()[leg === 'ims' ? 'ims' : 'access'].far?.recentLoss,
    });
    call.divert((from, packet) => {
      slot.take(from, packet);
    });
  }
}

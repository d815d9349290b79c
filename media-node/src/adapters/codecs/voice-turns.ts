import { VoiceCrossing } from '../../core/voice/voice-crossing.ts';
import type { VoiceCodecs } from '../../ports/voice-codecs.ts';
import { PacketBatch, readBatch } from './packet-batch.ts';
import type { FarLoss, WorkerOrder, WorkerReport } from './voice-messages.ts';

const FRAME_MS = 20;
/** Calls take their turns spread over the 20 ms, so that none waits for all the others. */
const SLOTS = 4;
export const SLOT_MS = FRAME_MS / SLOTS;
/** A thread that was held up makes up for as much; what is older is left out. */
const MAX_LATE_SLOTS = 10 * SLOTS;
/** Once a second it is told how calls are played out. */
const PLAYOUT_SLOTS = 1000 / SLOT_MS;

interface LiveCall {
  readonly crossing: VoiceCrossing;
  readonly slot: number;
}

/** The calls of one worker. Has no timer and no thread: it is told when a slot is due. */
export class VoiceTurns {
  readonly #codecs: VoiceCodecs;
  readonly #report: (report: WorkerReport) => void;
  readonly #calls = new Map<number, LiveCall>();
  readonly #batch = new PacketBatch();
  #nextSlot = 0;
  #playoutSlot = PLAYOUT_SLOTS;

  constructor(codecs: VoiceCodecs, report: (report: WorkerReport) => void) {
    this.#codecs = codecs;
    this.#report = report;
  }

  take(order: WorkerOrder): void {
    if (order.kind === 'packets') this.#takePackets(order.batch);
    else if (order.kind === 'close') this.#close(order.call);
    else if (order.kind === 'losses') this.#takeLosses(order.losses);
    else this.#open(order);
  }

  /** All slots that have become due; `slot` counts them since the start. */
  turn(slot: number, nowMs: number): void {
    this.#nextSlot = Math.max(this.#nextSlot, slot - MAX_LATE_SLOTS);
    for (; this.#nextSlot <= slot; this.#nextSlot += 1) {
      for (const [call, live] of this.#calls) {
        if (live.slot === this.#nextSlot % SLOTS) this.#turn(call, live.crossing, nowMs);
      }
    }
    if (!this.#batch.isEmpty) this.#report({ kind: 'packets', batch: this.#batch.take() });
    if (slot < this.#playoutSlot) return;
    this.#playoutSlot = slot + PLAYOUT_SLOTS;
    if (this.#calls.size > 0) this.#tellPlayout();
  }

  #tellPlayout(): void {
    const calls = [...this.#calls].map(([call, { crossing }]) => [call, crossing.playout] as const);
    this.#report({ kind: 'playout', calls: new Map(calls) });
  }

  #open({ call, plan }: Extract<WorkerOrder, { kind: 'open' }>): void {
    this.#guarded(call, () => {
      const crossing = new VoiceCrossing(plan, this.#codecs, call);
      this.#calls.set(call, { crossing, slot: this.#emptiestSlot() });
    });
  }

  #emptiestSlot(): number {
    const counts = Array.from({ length: SLOTS }, () => 0);
    for (const { slot } of this.#calls.values()) counts[slot] = (counts[slot] ?? 0) + 1;
    return counts.indexOf(Math.min(...counts));
  }

  #takePackets(batch: ArrayBuffer): void {
    for (const { call, leg, atMs, packet } of readBatch(batch)) {
      const crossing = this.#calls.get(call)?.crossing;
      if (crossing)
        this.#guarded(call, () => {
          crossing.take(leg, packet, atMs);
        });
    }
  }

  #takeLosses(losses: readonly FarLoss[]): void {
    for (const { call, leg, share } of losses) {
      this.#calls.get(call)?.crossing.hearOfLoss(leg, share);
    }
  }

  #turn(call: number, crossing: VoiceCrossing, nowMs: number): void {
    this.#guarded(call, () => {
      for (const { to, packet } of crossing.turn(nowMs)) {
        this.#batch.add({ call, leg: to, atMs: nowMs, packet });
      }
    });
  }

  #close(call: number): void {
    this.#calls.get(call)?.crossing.close();
    this.#calls.delete(call);
  }

  /** A bug ends one call's sound, not that of every call of the worker. */
  #guarded(call: number, work: () => void): void {
    try {
      work();
    } catch (cause) {
      this.#calls.delete(call);
      this.#report({ kind: 'fault', call, reason: cause instanceof Error ? cause.message : '' });
    }
  }
}

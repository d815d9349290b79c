import { payloadOf, type RtpHeader, readRtpHeader } from '../media/rtp-packet.ts';

export interface OrderedPacket {
  readonly packet: Uint8Array;
  readonly header: RtpHeader;
  readonly payload: Uint8Array;
  readonly atMs: number;
  /** Nothing is missing between it and the one before. */
  readonly follows: boolean;
}

/** How long, and for how many behind it, a packet is waited for: one round trip and its repetition. */
const MAX_WAIT_MS = 120;
const MAX_HELD = 256;
/** Numbers farther off are those of a source that began anew (RFC 3550 §A.1). */
const MAX_JUMP = 3000;
const SPACE = 0x1_0000;

/** Packets of one stream in the order of their numbers, each once; which are missing. */
export class PacketOrder {
  #ssrc: number | undefined;
  /** Counted on, past 65535. */
  #next: number | undefined;
  readonly #held = new Map<number, OrderedPacket>();
  readonly #asked = new Set<number>();

  /** Those whose turn has come. */
  take(packet: Uint8Array, atMs: number): readonly OrderedPacket[] {
    const header = readRtpHeader(packet);
    const payload = header && payloadOf(packet, header);
    if (!(header && payload)) return [];
    const number = this.#numberOf(header);
    if (number === undefined || this.#held.has(number)) return [];
    this.#held.set(number, { packet, header, payload, atMs, follows: true });
    const ready = this.#inTurn();
    return this.#held.size > MAX_HELD ? [...ready, ...this.#skip()] : ready;
  }

  /** What is not waited for any longer is passed over. */
  turn(nowMs: number): readonly OrderedPacket[] {
    const [first] = this.#held.values();
    return first && nowMs - first.atMs > MAX_WAIT_MS ? this.#skip() : [];
  }

  /** Numbers of what should have come by now, each told once. */
  missing(): readonly number[] {
    const last = Math.max(...this.#held.keys());
    const numbers: number[] = [];
    for (let it = this.#next ?? 0; this.#held.size > 0 && it < last; it += 1) {
      if (this.#held.has(it) || this.#asked.has(it)) continue;
      this.#asked.add(it);
      numbers.push(it % SPACE);
    }
    return numbers;
  }

  #numberOf({ ssrc, sequence }: RtpHeader): number | undefined {
    const next = this.#next;
    const ahead = next === undefined ? 0 : (sequence - (next % SPACE) + SPACE) % SPACE;
    const offset = ahead < SPACE / 2 ? ahead : ahead - SPACE;
    if (next === undefined || ssrc !== this.#ssrc || Math.abs(offset) > MAX_JUMP) {
      this.#held.clear();
      this.#asked.clear();
      this.#ssrc = ssrc;
      this.#next = SPACE + sequence;
      return this.#next;
    }
    return offset < 0 ? undefined : next + offset;
  }

  #inTurn(): OrderedPacket[] {
    const ready: OrderedPacket[] = [];
    for (let next = this.#next ?? 0; ; next += 1) {
      const packet = this.#held.get(next);
      if (!packet) {
        this.#next = next;
        return ready;
      }
      this.#held.delete(next);
      this.#asked.delete(next);
      ready.push(packet);
    }
  }

  #skip(): OrderedPacket[] {
    this.#next = Math.min(...this.#held.keys());
    for (const it of this.#asked) if (it < this.#next) this.#asked.delete(it);
    const [first, ...rest] = this.#inTurn();
    return first ? [{ ...first, follows: false }, ...rest] : [];
  }
}

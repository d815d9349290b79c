import type { LadderEntry, LadderSide } from '@isthmus/shared/wire/ladder';
import type { Clock } from '../../ports/clock.ts';
import type {
  CallTrace,
  SipLegTrace,
  SipTrace,
  TracedCall,
  TracedMessage,
} from '../../ports/trace.ts';

export interface LadderBookOptions {
  /** Of all that is kept; the calls longest silent go first. */
  readonly budgetBytes: number;
}

interface Kept extends LadderEntry {
  /** Two messages may come within one millisecond. */
  readonly turn: number;
}

/** Messages of one leg, or of one call with its browser. */
interface Ring {
  readonly entries: Kept[];
  bytes: number;
  lastAtMs: number;
}

interface CallRing extends Ring {
  readonly users: readonly string[];
  readonly legs: string[];
}

/** Longer than a refresh of a session timer: a quiet call keeps its beginning (RFC 4028 §4). */
const KEPT_MS = 45 * 60_000;
const MAX_ENTRIES = 200;
/** How a call began is never dropped for what came later. */
const FIRST_ENTRIES = 40;
const MAX_TEXT_CHARS = 8_192;
/** What an entry costs beside its text. */
const ENTRY_BYTES = 200;

/** The ladders of all calls of one node, in memory only. */
export class LadderBook implements CallTrace, SipTrace {
  readonly #clock: Clock;
  readonly #budgetBytes: number;
  /** In the order of their last message. */
  readonly #rings = new Map<string, Ring | CallRing>();
  #bytes = 0;
  #turn = 0;

  constructor(clock: Clock, { budgetBytes }: LadderBookOptions) {
    this.#clock = clock;
    this.#budgetBytes = budgetBytes;
  }

  get sizeBytes(): number {
    return this.#bytes;
  }

  begin(call: TracedCall, users: readonly string[]): void {
    const key = keyOf(call);
    this.#drop(key);
    this.#rings.set(key, { ...this.#empty(), users, legs: [] });
  }

  join(call: TracedCall, leg: string): void {
    const ring = this.#callRing(call);
    if (ring && !ring.legs.includes(leg)) ring.legs.push(leg);
  }

  wire(call: TracedCall, message: TracedMessage): void {
    this.#add(keyOf(call), 'browser', message);
  }

  sip(legs: readonly SipLegTrace[], message: TracedMessage): void {
    const known = legs.find(({ id, begins }) => begins || this.#rings.has(id));
    if (!known) return;
    if (!this.#rings.has(known.id)) this.#rings.set(known.id, this.#empty());
    this.#add(known.id, 'ims', message);
  }

  ladder(call: TracedCall, userName?: string): readonly LadderEntry[] | undefined {
    const ring = this.#callRing(call);
    if (!ring || (userName !== undefined && !ring.users.includes(userName))) return undefined;
    const legs = ring.legs.flatMap((leg) => this.#rings.get(leg)?.entries ?? []);
    return [...ring.entries, ...legs]
      .sort((a, b) => a.turn - b.turn)
      .map(({ turn: _, ...entry }) => entry);
  }

  #empty(): Ring {
    return { entries: [], bytes: 0, lastAtMs: this.#clock.nowMs() };
  }

  #callRing(call: TracedCall): CallRing | undefined {
    const ring = this.#rings.get(keyOf(call));
    return ring && 'users' in ring ? ring : undefined;
  }

  #add(key: string, peer: LadderSide, { direction, title, text }: TracedMessage): void {
    const ring = this.#rings.get(key);
    if (!ring) return;
    const atMs = this.#clock.nowMs();
    const [from, to] = direction === 'in' ? [peer, 'isthmus' as const] : ['isthmus' as const, peer];
    const shown = text.length > MAX_TEXT_CHARS ? `${text.slice(0, MAX_TEXT_CHARS)}…` : text;
    ring.entries.push({ atMs, from, to, title, text: shown, turn: this.#turn++ });
    ring.lastAtMs = atMs;
    this.#grow(ring, sizeOf(shown));
    const [dropped] =
      ring.entries.length > MAX_ENTRIES ? ring.entries.splice(FIRST_ENTRIES, 1) : [];
    if (dropped) this.#grow(ring, -sizeOf(dropped.text));
    this.#rings.delete(key);
    this.#rings.set(key, ring);
    this.#evict(atMs);
  }

  #evict(nowMs: number): void {
    for (const [key, ring] of this.#rings) {
      const isOld = nowMs - ring.lastAtMs > KEPT_MS;
      if (!isOld && this.#bytes <= this.#budgetBytes) return;
      this.#drop(key);
    }
  }

  #drop(key: string): void {
    const ring = this.#rings.get(key);
    if (!ring) return;
    this.#bytes -= ring.bytes;
    this.#rings.delete(key);
  }

  #grow(ring: Ring, bytes: number): void {
    ring.bytes += bytes;
    this.#bytes += bytes;
  }
}

const keyOf = ({ callId, tenantId }: TracedCall): string => `call|${tenantId}|${callId}`;
const sizeOf = (text: string): number => 2 * text.length + ENTRY_BYTES;

import { type Endpoint, keyOf } from './browser-port.ts';

type Records = Uint8Array;

/** A handshake has a dozen packets. */
const MAX_HELD = 64;

/**
 * Which handshake records reach the DTLS server, and when: only those of a pair that a check of
 * ours has validated. A check that came proves no more than that somebody has seen the browser's.
 */
export class DtlsIntake {
  readonly #deliver: (records: Records, from: Endpoint) => void;
  readonly #validated = new Set<string>();
  #held: (readonly [Records, Endpoint])[] = [];
  #isOpen = false;

  constructor(deliver: (records: Records, from: Endpoint) => void) {
    this.#deliver = deliver;
  }

  take(records: Records, from: Endpoint): void {
    if (this.#isOpen && this.#validated.has(keyOf(from))) this.#deliver(records, from);
    else if (this.#held.length < MAX_HELD) this.#held.push([records, from]);
  }

  validated(from: Endpoint): void {
    if (this.#validated.has(keyOf(from))) return;
    this.#validated.add(keyOf(from));
    this.#takeHeld();
  }

  /** The server listens now; what came before is handed over. */
  open(): void {
    this.#isOpen = true;
    this.#takeHeld();
  }

  close(): void {
    this.#isOpen = false;
  }

  #takeHeld(): void {
    for (const [records, from] of this.#held.splice(0)) this.take(records, from);
  }
}

/** At least 64 (RFC 3711 §3.3.2); 128 forgives the reordering of a mobile network. */
const WINDOW_PACKETS = 128;

/** Remembers which packet indices were accepted. `accept` only after authentication. */
export class ReplayWindow {
  readonly #seen = new Float64Array(WINDOW_PACKETS).fill(-1);
  #highest = -1;

  isFresh(index: number): boolean {
    if (index < 0 || index <= this.#highest - WINDOW_PACKETS) return false;
    return this.#seen[index % WINDOW_PACKETS] !== index;
  }

  accept(index: number): void {
    this.#seen[index % WINDOW_PACKETS] = index;
    this.#highest = Math.max(this.#highest, index);
  }
}

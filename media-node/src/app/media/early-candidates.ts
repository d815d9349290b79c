/** As many as one call may have in all. */
const MAX_EARLY_CANDIDATES = 64;

/** Trickled before the remote parameters are known. */
export class EarlyCandidates {
  #kept: readonly string[] = [];

  keep(candidates: readonly string[]): void {
    this.#kept = [...this.#kept, ...candidates].slice(0, MAX_EARLY_CANDIDATES);
  }

  take(): readonly string[] {
    const kept = this.#kept;
    this.#kept = [];
    return kept;
  }
}

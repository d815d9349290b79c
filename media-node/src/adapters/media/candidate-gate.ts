import type { AddressPolicy } from '../../core/sdp/address-policy.ts';
import {
  type Candidate,
  isHiddenName,
  MAX_CANDIDATES,
  readCandidate,
} from '../../core/sdp/candidate.ts';

/** Which candidates of one browser we may send to; those that are refused are counted (SEC-3). */
export class CandidateGate {
  readonly #mayReach: AddressPolicy;
  #taken = 0;
  #refused = 0;

  constructor(mayReach: AddressPolicy) {
    this.#mayReach = mayReach;
  }

  get refused(): number {
    return this.#refused;
  }

  /** A restart brings candidates of its own. */
  startOver(): void {
    this.#taken = 0;
  }

  admit(lines: readonly string[]): readonly Candidate[] {
    return lines.flatMap((line) => this.#admitOne(line) ?? []);
  }

  #admitOne(line: string): Candidate | undefined {
    const candidate = readCandidate(line);
    // A hidden name is no address to check; the browser's own check will show where it is.
    if (!candidate || isHiddenName(candidate)) return undefined;
    const isWelcome = this.#taken < MAX_CANDIDATES;
    if (!(isWelcome && this.#mayReach(candidate.address))) {
      this.#refused += 1;
      return undefined;
    }
    this.#taken += 1;
    return candidate;
  }
}

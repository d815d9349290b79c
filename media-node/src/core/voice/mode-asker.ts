import { firstModeRequest, type ModeRequests, stepModeRequest } from './mode-request.ts';

/** What one far side is asked for, by what has been lost of its frames. */
export class ModeAsker {
  readonly #requests: ModeRequests;
  #state;
  #lostBefore = 0;

  constructor(requests: ModeRequests) {
    this.#requests = requests;
    this.#state = firstModeRequest(requests);
  }

  /** After each 20 ms, with all that were lost until then. */
  after(lost: number): number {
    const isLost = lost > this.#lostBefore;
    this.#lostBefore = lost;
    this.#state = stepModeRequest(this.#state, { isLost, requests: this.#requests });
    return this.#state.request;
  }
}

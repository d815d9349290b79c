import { IwfError } from '@isthmus/shared/errors/iwf-error';

export interface AdmissionOptions {
  readonly nodeId: string;
  readonly capacity: number;
  /** Calls that are live now. */
  readonly used: () => number;
}

/** Whether one more call has a place here. */
export class Admission {
  readonly #options: AdmissionOptions;
  #draining: 'no' | 'outgoing' | 'all' = 'no';

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /**
   * New calls are refused from now on; live ones go on (OPS-5). `outgoing`: those of IMS are taken
   * for as long as the callee's registration is still this node's.
   */
  drain(refused: 'outgoing' | 'all'): void {
    this.#draining = refused;
  }

  get takesIncoming(): boolean {
    return this.#draining !== 'all' && !this.#isFull;
  }

  get takesOutgoing(): boolean {
    return this.#draining === 'no' && !this.#isFull;
  }

  /** Throws the reason why a call of a browser is not taken. */
  admitOutgoing(): void {
    const { capacity, nodeId, used } = this.#options;
    if (this.#draining !== 'no') throw new IwfError('node.draining', { nodeId });
    if (this.#isFull) {
      throw new IwfError('node.at-capacity', { activeCalls: used(), limit: capacity });
    }
  }

  get #isFull(): boolean {
    return this.#options.used() >= this.#options.capacity;
  }
}

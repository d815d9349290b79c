import type { ImsLab } from './ims-lab.ts';

export type Address = ImsLab['pcscf'];

/** By what a P-CSCF knows a UE, whichever sipp speaks for it. */
export interface UeFlow {
  readonly transport: 'tcp' | 'udp';
  /** Of its Contact and Via. */
  readonly port: number;
  /**
   * The next sipp's turn: where it listens, and whom it sends to. What the core still has to say of
   * calls before is nobody's: no CANCEL takes back an INVITE that nobody has answered (RFC 3261 §9.1),
   * and what was answered too late for the core is said again.
   */
  join(): Promise<{ readonly port: number; readonly server: Address }>;
  /** What is said to the sipp whose turn it is reaches it. */
  isHeard(): Promise<boolean>;
  close(): void;
}

export const UE_HOST = '127.0.0.1';

const CALL_ID = /^(?:call-id|i)[ \t]*:[ \t]*(\S+)/im;

/** The calls of a phone, turn by turn. */
export class CallTurns {
  #known = new Set<string>();
  readonly #over = new Set<string>();

  /** To or from the phone; false where it is of a turn before. */
  take(message: string): boolean {
    const callId = CALL_ID.exec(message)?.[1] ?? '';
    this.#known.add(callId);
    return !this.#over.has(callId);
  }

  next(): void {
    for (const callId of this.#known) this.#over.add(callId);
    this.#known = new Set();
  }
}

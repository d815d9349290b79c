import type { SipTimers } from '@isthmus/shared/store/ims-access';
import type { Clock } from '../../ports/clock.ts';

const BRANCH = /\r\n(?:via|v)[ \t]*:[^\r\n]*?;[ \t]*branch[ \t]*=[ \t]*([^;,\s]+)/i;
const CSEQ_METHOD = /\r\ncseq[ \t]*:[ \t]*\d+[ \t]+(\S+)/i;
const STATUS = /^SIP\/2\.0 (\d{3})/i;

export interface RetransmissionsDeps {
  readonly clock: Clock;
  readonly transmit: (text: string) => void;
  readonly timers: SipTimers;
}

/**
 * Timers A, E and G of RFC 3261 §17, which sip.js leaves to the transport. It repeats the 2xx and
 * reliable 1xx by itself, and answers a repeated request again, so those are not ours.
 */
export class UdpRetransmissions {
  readonly #deps: RetransmissionsDeps;
  readonly #pending = new Map<string, () => void>();

  constructor(deps: RetransmissionsDeps) {
    this.#deps = deps;
  }

  sent(text: string): void {
    const status = statusOf(text);
    const method = CSEQ_METHOD.exec(text)?.[1];
    const branch = BRANCH.exec(text)?.[1];
    if (branch === undefined || method === undefined || text.startsWith('ACK ')) return;
    if (status === undefined) this.#repeat(`client ${method} ${branch}`, text, method === 'INVITE');
    else if (method === 'INVITE' && status >= 300) this.#repeat(`server ${branch}`, text, false);
  }

  received(head: string): void {
    const status = statusOf(head);
    const method = CSEQ_METHOD.exec(head)?.[1];
    const branch = BRANCH.exec(head)?.[1] ?? '';
    if (status === undefined && method === 'ACK') this.#stop(`server ${branch}`);
    // Timer E goes on, slower, after a 1xx; A stops (RFC 3261 §17.1.1.2, §17.1.2.2).
    if (status !== undefined && (status >= 200 || method === 'INVITE'))
      this.#stop(`client ${method ?? ''} ${branch}`);
  }

  stop(): void {
    for (const cancel of this.#pending.values()) cancel();
    this.#pending.clear();
  }

  #repeat(key: string, text: string, isUncapped: boolean): void {
    const { clock, timers, transmit } = this.#deps;
    const untilMs = clock.nowMs() + 64 * timers.t1Ms;
    const arm = (delayMs: number): void => {
      const cancel = clock.after(delayMs, () => {
        this.#pending.delete(key);
        if (clock.nowMs() >= untilMs) return;
        transmit(text);
        arm(isUncapped ? delayMs * 2 : Math.min(delayMs * 2, timers.t2Ms));
      });
      this.#pending.set(key, cancel);
    };
    this.#stop(key);
    arm(timers.t1Ms);
  }

  #stop(key: string): void {
    this.#pending.get(key)?.();
    this.#pending.delete(key);
  }
}

function statusOf(text: string): number | undefined {
  const status = STATUS.exec(text)?.[1];
  return status === undefined ? undefined : Number(status);
}

import type { Clock } from '../../ports/clock.ts';
import type { Link } from './link.ts';

/** RFC 3261 §18.1.1, where the path's MTU is not known. */
const LARGEST_OVER_UDP_BYTES = 1300;
/** As long as a transaction may last; its CANCEL and ACK go where its INVITE went (§9.1, §17.1.1.3). */
const TRANSACTION_MS = 32_000;
/** How long a refused connection is not tried again. */
const REFUSED_MS = 60_000;

const UDP_VIA = /^(Via: SIP\/2\.0\/)UDP( [^\r\n]*?;branch=([^;\r\n]+))/m;

export interface LargeRequestsDeps {
  readonly clock: Clock;
  readonly openTcp: (onLost: () => void) => Promise<Link>;
  readonly sendByUdp: (text: string) => void;
}

/** Requests too large for a datagram leave by TCP, and by UDP all the same where TCP is refused. */
export class LargeRequests {
  readonly #deps: LargeRequestsDeps;
  readonly #branches = new Map<string, () => void>();
  #link: Promise<Link> | undefined;
  #refusedUntilMs = Number.NEGATIVE_INFINITY;
  #isClosed = false;

  constructor(deps: LargeRequestsDeps) {
    this.#deps = deps;
  }

  /** True where it sees to the sending. */
  take(text: string): boolean {
    const branch = UDP_VIA.exec(text)?.[3];
    if (branch === undefined || text.startsWith('SIP/2.0 ')) return false;
    const isLarge = new TextEncoder().encode(text).length > LARGEST_OVER_UDP_BYTES;
    const isBarred = this.#deps.clock.nowMs() < this.#refusedUntilMs;
    if (!this.#branches.has(branch) && (!isLarge || isBarred)) return false;
    void this.#send(text, branch);
    return true;
  }

  close(): void {
    this.#isClosed = true;
    for (const forget of this.#branches.values()) forget();
    this.#branches.clear();
    void this.#link?.then((link) => {
      link.close();
    });
  }

  async #send(text: string, branch: string): Promise<void> {
    this.#remember(branch);
    try {
      const link = await this.#connection();
      if (this.#isClosed) link.close();
      else link.send(text.replace(UDP_VIA, '$1TCP$2'));
    } catch {
      // RFC 3261 §18.1.1: where TCP is refused, the request goes as it would have gone.
      this.#branches.get(branch)?.();
      this.#branches.delete(branch);
      this.#refusedUntilMs = this.#deps.clock.nowMs() + REFUSED_MS;
      if (!this.#isClosed) this.#deps.sendByUdp(text);
    }
  }

  #connection(): Promise<Link> {
    const forget = (): void => {
      this.#link = undefined;
    };
    this.#link ??= this.#deps.openTcp(forget).catch((cause: unknown) => {
      forget();
      throw cause;
    });
    return this.#link;
  }

  #remember(branch: string): void {
    this.#branches.get(branch)?.();
    const forget = this.#deps.clock.after(TRANSACTION_MS, () => this.#branches.delete(branch));
    this.#branches.set(branch, forget);
  }
}

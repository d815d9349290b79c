import type { IncomingMessage } from 'sip.js/lib/core/index.js';
import { tokensOf } from '../../core/sip/headers.ts';

/** What the other side of a dialog takes, as any message of its tells by Allow. */
export class PeerMethods {
  readonly #allowed = new Set<string>();

  allows(method: string): boolean {
    return this.#allowed.has(method);
  }

  learn(message: IncomingMessage): void {
    const methods = tokensOf(message.getHeaders('allow')).filter((it) => it !== '');
    if (methods.length === 0) return;
    this.#allowed.clear();
    for (const method of methods) this.#allowed.add(method.toUpperCase());
  }

  /** It said so, and does not. */
  forget(method: string): void {
    this.#allowed.delete(method);
  }
}

import type { IncomingResponseMessage } from 'sip.js/lib/core/index.js';
import type { DigestRequest } from '../../core/sip/digest.ts';
import type { Digester } from './digester.ts';

/** REG-6: one that is challenged again after this many answers is not going to be let in. */
const MAX_ANSWERS = 2;

/**
 * Answers the challenges of our own network to a request within or for a call, where the tenant's
 * network makes any. Those come as 407; a 401 would be the callee's own (RFC 3261 §22.2), whom our
 * password is no business of. But a callee may say 407 and our realm, too: answering would leak a
 * digest to crack, so that nothing is answered unless the tenant says that its core asks.
 */
export class RequestAuthorization {
  readonly #digester: Digester | undefined;
  #answers = 0;

  constructor({ calls }: { readonly calls?: Digester }) {
    this.#digester = calls;
  }

  /** The headers to repeat the request with; undefined where the refusal stands. */
  headersAfter(
    message: IncomingResponseMessage,
    request: DigestRequest,
  ): readonly string[] | undefined {
    const digester = this.#digester;
    if (!digester || message.statusCode !== 407 || this.#answers >= MAX_ANSWERS) return undefined;
    const challenge = digester.challenged(message.getHeaders('proxy-authenticate'));
    if (challenge === 'foreign') return undefined;
    this.#answers += 1;
    return [`Proxy-Authorization: ${digester.answer(request) ?? ''}`];
  }
}

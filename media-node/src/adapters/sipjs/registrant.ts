import { impu } from '@isthmus/shared/domain/ids';
import type { IncomingResponseMessage } from 'sip.js/lib/core/index.js';
import { emptyAuthorization } from '../../core/sip/digest.ts';
import { listOf } from '../../core/sip/headers.ts';
import {
  REGISTER_OPTION_TAGS,
  registerContact,
  registerHeaders,
} from '../../core/sip/ims-headers.ts';
import { parseNameAddr } from '../../core/sip/name-addr.ts';
import { parseUri } from '../../core/sip/uri.ts';
import type { SipAccountOptions } from '../../ports/sip-accounts.ts';
import type { RegisterOutcome, RegisterRequest } from '../../ports/sip-user-agent.ts';
import type { LegContext } from './leg-context.ts';
import { wireUri } from './wire-uri.ts';

type OnOutcome = (outcome: RegisterOutcome) => void;

/** Sends REGISTER: one Call-ID for the life of the account, CSeq rising (RFC 3261 §10.2). */
export class Registrant {
  readonly #context: LegContext;
  readonly #options: SipAccountOptions;
  readonly #contactUri: () => string;
  readonly #callId: string;
  #cseq = 0;
  #answerTo: 401 | 407 = 401;

  constructor(context: LegContext, options: SipAccountOptions, contactUri: () => string) {
    this.#context = context;
    this.#options = options;
    this.#contactUri = contactUri;
    this.#callId = context.ids.random(128);
  }

  register(request: RegisterRequest, onOutcome: OnOutcome): void {
    const { core, ids } = this.#context;
    const { access, impu: identity, instanceId } = this.#options;
    const registrar = wireUri(`sip:${access.homeDomain}`);
    const address = wireUri(identity);
    if (!registrar || !address) throw new TypeError('an identity is no URI');
    this.#cseq += 1;
    const contact = registerContact(this.#contactUri(), instanceId);
    const message = core.makeOutgoingRequestMessage(
      'REGISTER',
      registrar,
      address,
      address,
      {
        ...{ callId: this.#callId, cseq: this.#cseq, fromTag: ids.random(64) },
        ...{ optionTags: REGISTER_OPTION_TAGS, routeSet: [] },
      },
      [
        ...registerHeaders(contact, request.expiresS),
        ...this.#authorization(request, registrar.toString()),
      ],
    );
    const finished = ({ message: response }: { message: IncomingResponseMessage }): void => {
      onOutcome(this.#outcome(response));
    };
    core.register(message, { onAccept: finished, onReject: finished, onRedirect: finished });
  }

  /** A nonce that worked before may work again and saves the round trip (RFC 7616 §3.6). */
  #authorization({ authorization }: RegisterRequest, uri: string): readonly string[] {
    const { access, impi } = this.#options;
    const { proxy, registrar } = this.#context.digesters;
    const viaProxy = authorization === 'answer' && this.#answerTo === 407;
    const digester = viaProxy ? proxy : registrar;
    const answer = digester.answer({ method: 'REGISTER', uri, body: '' });
    if (answer !== undefined) {
      return [`${viaProxy ? 'Proxy-Authorization' : 'Authorization'}: ${answer}`];
    }
    if (!access.initialAuthorization) return [];
    return [`Authorization: ${emptyAuthorization(impi, access.homeDomain, uri)}`];
  }

  #outcome(message: IncomingResponseMessage): RegisterOutcome {
    const { reasonPhrase: reason = '', statusCode: status = 408 } = message;
    // sip.js makes up a 408 or 503 itself; nothing was received then.
    if (!message.hasHeader('via')) return { kind: 'response-missed' };
    if (status >= 200 && status < 300) {
      this.#context.digesters.registrar.accepted(message.getHeader('authentication-info'));
    }
    return {
      kind: 'response-received',
      ...{ status, reason },
      isAnswerable: this.#isAnswerable(message),
      ...seconds('expiresS', this.#grantedBy(message)),
      ...seconds('minExpiresS', message.getHeader('min-expires')),
      ...seconds('retryAfterS', message.getHeader('retry-after')),
      associated: listOf(message.getHeaders('p-associated-uri'))
        .map((it) => parseNameAddr(it)?.uri.text)
        .filter((it) => it !== undefined)
        .map(impu),
      serviceRoute: listOf(message.getHeaders('service-route')),
    };
  }

  #isAnswerable(message: IncomingResponseMessage): boolean {
    const { proxy, registrar } = this.#context.digesters;
    if (message.statusCode === 407) {
      this.#answerTo = 407;
      return proxy.challenged(message.getHeaders('proxy-authenticate'));
    }
    if (message.statusCode !== 401) return false;
    this.#answerTo = 401;
    return registrar.challenged(message.getHeaders('www-authenticate'));
  }

  /** The 200 lists every contact of the identity; the expiry of ours counts (RFC 3261 §10.2.4). */
  #grantedBy(message: IncomingResponseMessage): string | undefined {
    const ours = parseUri(this.#contactUri())?.user;
    const contacts = message.getHeaders('contact').map(parseNameAddr);
    const contact = contacts.find((it) => it?.uri.user === ours);
    return contact?.parameters['expires'] ?? message.getHeader('expires');
  }
}

type Seconds<K extends string> = { readonly [P in K]?: number };

function seconds<K extends string>(name: K, text: string | undefined): Seconds<K> {
  const [digits] = /^\d{1,9}/.exec(text ?? '') ?? [];
  return (digits === undefined ? {} : { [name]: Number(digits) }) as Seconds<K>;
}

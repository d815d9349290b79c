import { assertNever } from '@isthmus/shared/assert-never';
import { impu } from '@isthmus/shared/domain/ids';
import { isInSet } from '@isthmus/shared/domain/wildcard-impu';
import type { IncomingResponseMessage } from 'sip.js/lib/core/index.js';
import {
  BULK_HEADERS,
  type BulkMode,
  type BulkVerdict,
  bulkContactUri,
  bulkVerdict,
  isOwnBulk,
} from '../../core/registration/bulk.ts';
import type { ChallengeKind } from '../../core/registration/registration-types.ts';
import { emptyAuthorization } from '../../core/sip/digest.ts';
import { listOf, seconds } from '../../core/sip/headers.ts';
import {
  REGISTER_OPTION_TAGS,
  registerContact,
  registerHeaders,
  withdrawnContacts,
} from '../../core/sip/ims-headers.ts';
import { type NameAddr, parseNameAddr } from '../../core/sip/name-addr.ts';
import { parseUri, type SipUri } from '../../core/sip/uri.ts';
import type { SipAccountOptions } from '../../ports/sip-accounts.ts';
import type { Gruus, RegisterOutcome, RegisterRequest } from '../../ports/sip-user-agent.ts';
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
  #serving: readonly SipUri[] = [];
  #bulkMode: BulkMode;
  #served: readonly string[] = [];

  constructor(context: LegContext, options: SipAccountOptions, contactUri: () => string) {
    this.#context = context;
    this.#options = options;
    this.#contactUri = contactUri;
    this.#callId = context.ids.random(128);
    this.#bulkMode = options.bulk?.mode ?? 'off';
  }

  /** Whether the last 200 registered us for a whole block. */
  get isBulk(): boolean {
    return this.#served.length > 0;
  }

  /** Whether we are registered for this identity in bulk. */
  serves(identity: string): boolean {
    return isInSet(this.#served, identity);
  }

  /** By which names the network that registered us calls itself. */
  get serving(): readonly SipUri[] {
    return this.#serving;
  }

  register(request: RegisterRequest, onOutcome: OnOutcome): void {
    const { core, ids } = this.#context;
    const { access, impu: identity, instanceId } = this.#options;
    const registrar = wireUri(`sip:${access.homeDomain}`);
    const address = wireUri(identity);
    if (!registrar || !address) throw new TypeError('an identity is no URI');
    this.#cseq += 1;
    const isPlain = this.#bulkMode === 'off';
    const contactUri = isPlain ? this.#contactUri() : bulkContactUri(this.#contactUri());
    const contact = registerContact(contactUri, instanceId);
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
        ...withdrawnContacts(request.withdraw),
        ...(isPlain ? [] : BULK_HEADERS),
        ...this.#authorization(registrar.toString()),
      ],
    );
    const finished = ({ message: response }: { message: IncomingResponseMessage }): void => {
      this.#finished(request, this.#outcome(response), {
        verdict: this.#verdict(request, response),
        onOutcome,
      });
    };
    core.register(message, { onAccept: finished, onReject: finished, onRedirect: finished });
  }

  #verdict({ expiresS }: RegisterRequest, message: IncomingResponseMessage): BulkVerdict {
    return bulkVerdict(this.#bulkMode, {
      status: message.statusCode ?? 0,
      isGranted: this.#ownContact(message) !== undefined,
      isFarewell: expiresS === 0,
    });
  }

  #finished(
    request: RegisterRequest,
    outcome: RegisterOutcome,
    { onOutcome, verdict }: { readonly onOutcome: OnOutcome; readonly verdict: BulkVerdict },
  ): void {
    switch (verdict) {
      case 'as-it-is':
        onOutcome(this.#withNumbers(request, outcome));
        return;
      case 'plain-now':
        this.#plainly(request, onOutcome);
        return;
      case 'withdraw-then-plain':
        this.register({ ...request, expiresS: 0 }, () => {
          this.#plainly(request, onOutcome);
        });
        return;
      case 'withdraw-then-refuse':
        this.register({ ...request, expiresS: 0 }, () => {
          onOutcome({ ...outcome, ...NO_BULK });
        });
        return;
      default:
        assertNever(verdict);
    }
  }

  #plainly(request: RegisterRequest, onOutcome: OnOutcome): void {
    this.#context.log.warn('the registrar knows no bulk registration');
    this.#bulkMode = 'off';
    this.register(request, onOutcome);
  }

  /** No response names the numbers of a block; what it names is of the set as well. */
  #withNumbers({ expiresS }: RegisterRequest, outcome: RegisterOutcome): RegisterOutcome {
    const isRegistered =
      outcome.kind === 'response-received' && outcome.status < 300 && expiresS > 0;
    if (!isRegistered || this.#bulkMode === 'off') return outcome;
    const { bulk, impu: own } = this.#options;
    const named = outcome.associated.length > 0 ? outcome.associated : [own];
    const associated = [...new Set([...named, ...(bulk?.numbers ?? [])])];
    this.#served = associated;
    return { ...outcome, associated };
  }

  /**
   * A nonce that worked before may work again and saves the round trip (RFC 7616 §3.6). Proxy and
   * registrar may both ask in one exchange: each then finds its own answer (RFC 3261 §22.3).
   */
  #authorization(uri: string): readonly string[] {
    const { access, impi } = this.#options;
    const { proxy, registrar } = this.#context.digesters;
    const request = { method: 'REGISTER', uri, body: '' };
    const toProxy = proxy.answer(request);
    const first = access.initialAuthorization
      ? emptyAuthorization(impi, access.homeDomain, uri)
      : undefined;
    const toRegistrar = registrar.answer(request) ?? first;
    return [
      ...(toRegistrar === undefined ? [] : [`Authorization: ${toRegistrar}`]),
      ...(toProxy === undefined ? [] : [`Proxy-Authorization: ${toProxy}`]),
    ];
  }

  #outcome(message: IncomingResponseMessage): RegisterOutcome {
    const { reasonPhrase: reason = '', statusCode: status = 408 } = message;
    // sip.js makes up a 408 or 503 itself; nothing was received then.
    if (!message.hasHeader('via')) return { kind: 'response-missed' };
    if (status >= 200 && status < 300 && !this.#isGenuine(message)) {
      this.#context.log.warn('a registrar does not know the secret it should', { status });
      return { kind: 'response-missed' };
    }
    const serviceRoute = listOf(message.getHeaders('service-route'));
    if (status >= 200 && status < 300) {
      const named = [...serviceRoute, ...listOf(message.getHeaders('path'))].map(parseNameAddr);
      this.#serving = named.map((it) => it?.uri).filter((it) => it !== undefined);
    }
    return {
      kind: 'response-received',
      ...{ status, reason },
      ...this.#challenge(message),
      ...seconds('expiresS', this.#grantedBy(message)),
      ...seconds('minExpiresS', message.getHeader('min-expires')),
      ...seconds('retryAfterS', message.getHeader('retry-after')),
      associated: listOf(message.getHeaders('p-associated-uri'))
        .map((it) => parseNameAddr(it)?.uri.text)
        .filter((it) => it !== undefined)
        .map(impu),
      serviceRoute,
      gruus: this.#gruus(message),
    };
  }

  /** Proxies say theirs in a header of their own (RFC 7615 §4). */
  #isGenuine(message: IncomingResponseMessage): boolean {
    const { proxy, registrar } = this.#context.digesters;
    const { body } = message;
    const byRegistrar = registrar.accepted(message.getHeader('authentication-info'), body);
    const byProxy = proxy.accepted(message.getHeader('proxy-authentication-info'), body);
    return byRegistrar && byProxy;
  }

  #challenge(message: IncomingResponseMessage): { readonly challenge?: ChallengeKind } {
    const { proxy, registrar } = this.#context.digesters;
    switch (message.statusCode) {
      case 401:
        return { challenge: registrar.challenged(message.getHeaders('www-authenticate')) };
      case 407:
        return { challenge: proxy.challenged(message.getHeaders('proxy-authenticate')) };
      default:
        return {};
    }
  }

  /** The 200 lists every contact of the identity; the expiry of ours counts (RFC 3261 §10.2.4). */
  #grantedBy(message: IncomingResponseMessage): string | undefined {
    const contact = this.#ownContact(message);
    return contact?.parameters['expires'] ?? message.getHeader('expires');
  }

  /** RFC 5627 §4.2. */
  #gruus(message: IncomingResponseMessage): Gruus {
    const contact = this.#ownContact(message);
    const [publicOne, temporary] = ['pub-gruu', 'temp-gruu'].map((name) =>
      parseUri(unquoted(contact?.parameters[name] ?? '')),
    );
    return {
      ...(publicOne && { public: publicOne.text }),
      ...(temporary && { temporary: temporary.text }),
    };
  }

  #ownContact(message: IncomingResponseMessage): NameAddr | undefined {
    const contactUri = this.#contactUri();
    const contacts = listOf(message.getHeaders('contact')).map(parseNameAddr);
    if (this.#bulkMode !== 'off') return contacts.find((it) => isOwnBulk(it, contactUri));
    const ours = parseUri(contactUri);
    const named = contacts.filter((it) => it?.uri.user === ours?.user);
    // One of a flow that we lost has our user part, too.
    return named.find((it) => it?.uri.port === ours?.port) ?? named[0];
  }
}

/** What a registrar that ignored `Require: gin` should have said. */
const NO_BULK = { status: 420, reason: 'No bulk registration' } as const;

const unquoted = (text: string): string => /^"(.*)"$/.exec(text)?.[1] ?? text;

import {
  type IncomingRequestMessage,
  type IncomingResponseMessage,
  type OutgoingRequestDelegate,
  type OutgoingSubscribeRequest,
  SubscriptionDialog,
} from 'sip.js/lib/core/index.js';
import { parseSubscriptionState } from '../../core/sip/event-headers.ts';
import { seconds } from '../../core/sip/headers.ts';
import {
  resubscribeHeaders,
  type SubscribeFacts,
  subscribeHeaders,
} from '../../core/sip/ims-headers.ts';
import { mediaTypeOf } from '../../core/sip/sdp-body.ts';
import type {
  Notification,
  SubscribeRequest,
  SubscriptionListener,
  SubscriptionNews,
} from '../../ports/sip-subscription.ts';
import type { LegContext } from './leg-context.ts';
import { wireUri } from './wire-uri.ts';

interface NotifyServer {
  readonly message: IncomingRequestMessage;
  accept(): unknown;
  reject(options: { statusCode: number }): unknown;
}

/** At most one subscription to registration events, on sip.js's subscription dialogs. */
export class Subscriber {
  readonly #context: LegContext;
  readonly #accessNetworkInfo: string | undefined;
  #dialog: SubscriptionDialog | undefined;
  /** Waits for the NOTIFY that makes the dialog. */
  #request: OutgoingSubscribeRequest | undefined;
  #initial = { callId: '', fromTag: '', cseq: 0 };
  #challenge: 401 | 407 = 401;
  /** The dialog's end is told by the answer to the request that found it ended. */
  #isAsking = false;
  /** What belongs to a round that was forgotten tells nothing any more. */
  #round = 0;

  constructor(context: LegContext, accessNetworkInfo: string | undefined) {
    this.#context = context;
    this.#accessNetworkInfo = accessNetworkInfo;
  }

  subscribe(request: SubscribeRequest, listener: SubscriptionListener): void {
    if (request.dialog === 'new') this.#begin(request, listener);
    else this.#again(request, listener);
  }

  /** Without a word: NOTIFYs of the dialog meet 481 from now on. */
  forget(): void {
    this.#round += 1;
    this.#isAsking = false;
    this.#request?.waitNotifyStop();
    this.#request = undefined;
    this.#dialog?.dispose();
    this.#dialog = undefined;
  }

  #begin(request: SubscribeRequest, listener: SubscriptionListener): void {
    const { core, ids } = this.#context;
    const address = wireUri(request.identity);
    if (!address) throw new TypeError('an identity is no URI');
    // RFC 6665 §4.1.2.1: nothing of an earlier dialog may match.
    this.#initial =
      request.authorization === 'answer'
        ? { ...this.#initial, cseq: this.#initial.cseq + 1 }
        : { callId: ids.random(128), fromTag: ids.random(64), cseq: 1 };
    const message = core.makeOutgoingRequestMessage(
      ...(['SUBSCRIBE', address, address, address, this.#initial] as const),
      [
        ...subscribeHeaders(request.identity, this.#facts(request)),
        ...this.#authorization(request, address.toString()),
      ],
    );
    const round = this.#round;
    this.#isAsking = true;
    this.#request = core.subscribe(message, {
      ...this.#answers(listener),
      onNotify: ({ request: server, subscription }) => {
        if (round !== this.#round) return;
        this.#request = undefined;
        if (subscription instanceof SubscriptionDialog) this.#confirmed(subscription, listener);
        this.#notified(server, listener);
      },
      onNotifyTimeout: () => {
        if (round === this.#round) listener.onNews({ kind: 'dialog-gone' });
      },
    });
  }

  #confirmed(subscription: SubscriptionDialog, listener: SubscriptionListener): void {
    const round = this.#round;
    this.#dialog = subscription;
    subscription.delegate = {
      onNotify: (server) => {
        this.#notified(server, listener);
      },
      onTerminated: () => {
        if (round !== this.#round) return;
        this.#dialog = undefined;
        if (!this.#isAsking) listener.onNews({ kind: 'dialog-gone' });
      },
    };
  }

  #again(request: SubscribeRequest, listener: SubscriptionListener): void {
    const dialog = this.#dialog;
    if (!dialog) {
      listener.onNews({ kind: 'dialog-gone' });
      return;
    }
    const target = dialog.remoteTarget.toString();
    this.#isAsking = true;
    dialog.subscribe(this.#answers(listener), {
      extraHeaders: [
        ...resubscribeHeaders(this.#facts(request)),
        ...this.#authorization(request, target),
      ],
    });
  }

  #facts({ expiresS }: SubscribeRequest): SubscribeFacts {
    const contact = this.#context.contact();
    return { contact, expiresS, accessNetworkInfo: this.#accessNetworkInfo };
  }

  #answers(listener: SubscriptionListener): OutgoingRequestDelegate {
    const round = this.#round;
    const finished = ({ message }: { readonly message: IncomingResponseMessage }): void => {
      if (round !== this.#round) return;
      this.#isAsking = false;
      listener.onNews(this.#outcome(message));
    };
    return { onAccept: finished, onReject: finished, onRedirect: finished };
  }

  #outcome(message: IncomingResponseMessage): SubscriptionNews {
    // sip.js makes up a 408 or 503 itself; nothing was received then.
    if (!message.hasHeader('via')) return { kind: 'subscribe-missed' };
    return {
      ...{ kind: 'subscribe-answered', status: message.statusCode ?? 500 },
      isAnswerable: this.#isAnswerable(message),
      ...seconds('expiresS', message.getHeader('expires')),
      ...seconds('minExpiresS', message.getHeader('min-expires')),
      ...seconds('retryAfterS', message.getHeader('retry-after')),
    };
  }

  /** The notifier is our own S-CSCF, so its 401 is our network's, as a proxy's 407 is (REG-6). */
  #isAnswerable(message: IncomingResponseMessage): boolean {
    const { statusCode } = message;
    if (statusCode !== 401 && statusCode !== 407) return false;
    this.#challenge = statusCode;
    const name = statusCode === 401 ? 'www-authenticate' : 'proxy-authenticate';
    return this.#context.digesters.proxy.challenged(message.getHeaders(name)) !== 'foreign';
  }

  #authorization({ authorization }: SubscribeRequest, uri: string): readonly string[] {
    if (authorization === 'fresh') return [];
    const answer = this.#context.digesters.proxy.answer({ method: 'SUBSCRIBE', uri, body: '' });
    const name = this.#challenge === 401 ? 'Authorization' : 'Proxy-Authorization';
    return answer === undefined ? [] : [`${name}: ${answer}`];
  }

  #notified(server: NotifyServer, listener: SubscriptionListener): void {
    const notification = notificationOf(server.message);
    if (notification?.state === 'terminated') this.#dialog = undefined;
    if (notification && listener.onNotify(notification)) server.accept();
    else server.reject({ statusCode: 400 });
  }
}

function notificationOf(message: IncomingRequestMessage): Notification | undefined {
  const state = parseSubscriptionState(message.getHeader('subscription-state') ?? '');
  const type = mediaTypeOf(message.getHeader('content-type') ?? '');
  return state && { ...state, type, body: message.body };
}

import type {
  IncomingMessageRequest,
  IncomingRequestMessage,
  IncomingResponseMessage,
} from 'sip.js/lib/core/index.js';
import { ANONYMOUS, calledImpuOf, callerOf } from '../../core/sip/identity.ts';
import { messageHeaders } from '../../core/sip/ims-headers.ts';
import type { IncomingMessage, MessageFate, OutgoingMessage } from '../../ports/pager-message.ts';
import type { LegContext } from './leg-context.ts';
import { RequestAuthorization } from './request-authorization.ts';
import { type WireUri, wireUri } from './wire-uri.ts';

const TEXT_TYPE = 'text/plain;charset=UTF-8';
/** The topmost Via and what proxies of ours need not see; sip.js adds them at the very end. */
const STILL_TO_COME_BYTES = 160;

interface Written {
  readonly target: WireUri;
  readonly callId: string;
  readonly fromTag: string;
}

/** MESSAGE outside of dialogs, of one account (RFC 3428). */
export class PagerMessages {
  readonly #context: LegContext;

  constructor(context: LegContext) {
    this.#context = context;
  }

  send(message: OutgoingMessage): Promise<MessageFate> {
    const target = wireUri(message.target);
    if (!target || !wireUri(message.identity))
      return Promise.resolve({ kind: 'message-answered', status: 416 });
    const { digesters, ids } = this.#context;
    const written = { target, callId: ids.random(128), fromTag: ids.random(64) };
    const authorization = new RequestAuthorization(digesters);
    return new Promise((resolve) => {
      this.#attempt(message, written, { authorization, cseq: 1, more: [], resolve });
    });
  }

  #attempt(
    message: OutgoingMessage,
    { callId, fromTag, target }: Written,
    attempt: {
      readonly authorization: RequestAuthorization;
      readonly cseq: number;
      readonly more: readonly string[];
      readonly resolve: (fate: MessageFate) => void;
    },
  ): void {
    const { authorization, cseq, more, resolve } = attempt;
    const { core } = this.#context;
    const { displayName, uri } = message.privacy
      ? ANONYMOUS
      : { displayName: undefined, uri: message.identity };
    const request = core.makeOutgoingRequestMessage(
      'MESSAGE',
      target,
      wireUri(uri) ?? target,
      target,
      {
        ...{ callId, fromTag, cseq },
        ...(displayName !== undefined && { fromDisplayName: displayName }),
      },
      [...messageHeaders(message), ...more],
      { contentDisposition: 'render', contentType: TEXT_TYPE, content: message.text },
    );
    if (byteLength(request.toString()) + STILL_TO_COME_BYTES > message.maxBytes) {
      resolve({ kind: 'message-too-large' });
      return;
    }
    const answered = (response: { readonly message: IncomingResponseMessage }): void => {
      const body = message.text;
      const digested = { method: 'MESSAGE', uri: target.toString(), body };
      const headers = authorization.headersAfter(response.message, digested);
      if (headers)
        this.#attempt(
          message,
          { callId, fromTag, target },
          { ...attempt, cseq: cseq + 1, more: headers },
        );
      else resolve(fateOf(response.message));
    };
    core.request(request, { onAccept: answered, onReject: answered, onRedirect: answered });
  }

  received(request: IncomingMessageRequest): IncomingMessage {
    const { message } = request;
    const headers = (name: string): readonly string[] => message.getHeaders(name);
    return {
      tenant: this.#context.tenant,
      calledImpu: calledImpuOf(headers, calledIn(message)),
      from: callerOf(headers),
      text: message.body,
      // RFC 3261 §8.2.2.2: by these a request is the same, whichever way it came.
      key: [message.fromTag, message.callId, String(message.cseq)].join(' '),
      answer: (statusCode) => {
        if (statusCode < 300) request.accept({ statusCode });
        else request.reject({ statusCode });
      },
    };
  }
}

/** Within a call the Request-URI is our Contact, and only To says who of us is meant. */
const calledIn = ({ ruri, to, toTag }: IncomingRequestMessage): string =>
  (toTag ? to.uri : ruri)?.toString() ?? '';

/** sip.js makes up a 408 or 503 itself; nothing was received then. */
const fateOf = (message: IncomingResponseMessage): MessageFate =>
  message.hasHeader('via')
    ? { kind: 'message-answered', status: message.statusCode ?? 500 }
    : { kind: 'message-unanswered' };

const byteLength = (text: string): number => new TextEncoder().encode(text).length;

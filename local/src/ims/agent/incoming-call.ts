import type { RtpEndpoint } from '../media/rtp-endpoint.ts';
import type { VideoMirror } from '../media/video-mirror.ts';
import type { Direction } from '../sdp/parse-sdp.ts';
import { bodyText, firstHeader, type SipRequest, withBody } from '../sip/message.ts';
import { responseTo } from '../sip/respond.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import type { AgentCall } from './agent-call.ts';
import { type CallMedia, createCallMedia, isAcceptable } from './call-media.ts';
import { calleeDialog, cseqOf } from './dialog.ts';

export interface IncomingCallDeps {
  readonly call: AgentCall;
  readonly transaction: ServerTransaction;
  readonly host: string;
  readonly openEndpoint: () => Promise<RtpEndpoint>;
  readonly openVideo: () => Promise<VideoMirror>;
}

/** What of an offer is taken. */
export interface Taken {
  /** Only these codecs; any without. */
  readonly codecs?: readonly string[];
  readonly video?: boolean;
}

/** What a service may do with a call that came to it. */
export interface IncomingCall {
  readonly isOver: () => boolean;
  ring(): void;
  /** 183 with SDP: sound before the answer. */
  progress(start: (endpoint: RtpEndpoint) => void): Promise<void>;
  answer(start: (endpoint: RtpEndpoint) => void): Promise<void>;
  /** A re-INVITE: `sendonly` holds the caller. */
  offer(direction: Direction): void;
  /** A re-INVITE with video more; the service must have some. */
  addVideo(): void;
  reject(status: number): void;
  hangUp(): void;
}

export function createIncomingCall(
  { call, transaction, host, openEndpoint, openVideo }: IncomingCallDeps,
  { codecs, video = false }: Taken = {},
): IncomingCall {
  const { request } = transaction;
  const offer = bodyText(request);
  let sdp: string | undefined;

  async function prepare(): Promise<CallMedia | undefined> {
    if (call.isOver) return undefined;
    if (call.media !== undefined) return call.media;
    if (offer !== '' && !isAcceptable(offer, codecs)) {
      reject(488);
      return undefined;
    }
    const endpoint = await openEndpoint();
    const mirror = video ? await openVideo() : undefined;
    const media = createCallMedia(endpoint, { host, video: mirror, ...(codecs && { codecs }) });
    call.hold(media);
    sdp = offer === '' ? media.offer() : media.answer(offer);
    return media;
  }

  function provisional(status: number, body?: string): void {
    const { localTag, contact } = call.facts;
    const bare = responseTo(request, { status, toTag: localTag, headers: { Contact: contact } });
    const routed = { ...bare, headers: [...recordRoutes(request), ...bare.headers] };
    transaction.respond(body === undefined ? routed : withBody(routed, 'application/sdp', body));
  }

  function reject(status: number): void {
    if (call.isOver) return;
    const toTag = call.facts.localTag;
    transaction.respond(responseTo(request, { status, toTag }));
    call.end(`refused with ${String(status)}`);
  }

  transaction.onCancel = () => {
    transaction.respond(responseTo(request, { status: 487, toTag: call.facts.localTag }));
    call.end('cancelled');
  };

  return {
    isOver: () => call.isOver,
    ring() {
      if (!call.isOver) provisional(180);
    },
    async progress(start) {
      const media = await prepare();
      if (media === undefined || call.isOver) return;
      provisional(183, sdp);
      start(media.endpoint);
    },
    async answer(start) {
      const media = await prepare();
      if (media === undefined || sdp === undefined || call.isOver) return;
      const dialog = calleeDialog(request, call.facts.localTag, call.facts.contact);
      call.establish(dialog, cseqOf(request));
      call.succeed(transaction, sdp, offer === '');
      start(media.endpoint);
    },
    offer(direction) {
      call.offer(direction);
    },
    addVideo() {
      call.offer('sendrecv', 'added');
    },
    reject,
    hangUp() {
      call.hangUp();
    },
  };
}

function recordRoutes(request: SipRequest): SipRequest['headers'] {
  return request.headers.filter(({ name }) => name.toLowerCase() === 'record-route');
}

/** Who calls, as the network asserts it. */
export function assertedCaller(request: SipRequest): string {
  const value = firstHeader(request, 'P-Asserted-Identity') ?? firstHeader(request, 'From') ?? '';
  return /<([^>]+)>/.exec(value)?.[1] ?? value;
}

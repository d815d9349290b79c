import type { Clock } from '../clock.ts';
import type { RtpEndpoint } from '../media/rtp-endpoint.ts';
import { TEST_TONE } from '../media/tone.ts';
import { tagOf } from '../sip/header-values.ts';
import {
  bodyText,
  firstHeader,
  NO_BODY,
  type SipRequest,
  type SipResponse,
  withBody,
} from '../sip/message.ts';
import type { ClientTransaction } from '../transaction/client-transaction.ts';
import { type AgentCall, ALLOWED } from './agent-call.ts';
import { createCallMedia } from './call-media.ts';
import { callerDialog, requestWithin } from './dialog.ts';

export interface CallBackDeps {
  readonly clock: Clock;
  readonly host: string;
  readonly openEndpoint: () => Promise<RtpEndpoint>;
  readonly start: (
    request: SipRequest,
    onResponse: (response: SipResponse) => void,
  ) => ClientTransaction;
  readonly sendAck: (ack: SipRequest) => void;
  readonly send: (request: SipRequest) => void;
}

export interface CallBack {
  readonly call: AgentCall;
  /** The service that calls. */
  readonly from: string;
  readonly target: string;
}

const RING_MS = 60_000;
const TALK_MS = 20_000;

/** Rings a subscriber on behalf of a service and plays a tone to who answers. */
export async function callBack(
  { call, from, target }: CallBack,
  deps: CallBackDeps,
): Promise<void> {
  const media = createCallMedia(await deps.openEndpoint(), { host: deps.host });
  call.hold(media);
  if (call.isOver) return;
  const invite = inviteOf({ call, from, target }, media.offer());
  let winner: string | undefined;

  function acknowledge(response: SipResponse): void {
    deps.sendAck(requestWithin(callerDialog(invite, response, call.facts.contact), 'ACK', 1));
  }

  function answered(response: SipResponse): void {
    stopRinging();
    call.establish(callerDialog(invite, response, call.facts.contact), 0);
    if (!media.take(bodyText(response))) {
      call.hangUp('no usable answer');
      return;
    }
    media.endpoint.play(TEST_TONE);
    deps.clock.after(TALK_MS, () => {
      call.hangUp();
    });
  }

  function onSuccess(response: SipResponse): void {
    const tag = tagOf(firstHeader(response, 'To')) ?? '';
    acknowledge(response);
    if (winner === undefined) {
      winner = tag;
      answered(response);
    } else if (winner !== tag) {
      // Two contacts answered at once: the later one is let go (RFC 3261 §13.2.2.4).
      deps.send(requestWithin(callerDialog(invite, response, call.facts.contact), 'BYE', 2));
    }
  }

  const transaction = deps.start(invite, (response) => {
    if (response.status < 200) return;
    if (response.status < 300) onSuccess(response);
    else {
      stopRinging();
      call.end(`refused with ${String(response.status)}`);
    }
  });
  const stopRinging = deps.clock.after(RING_MS, () => {
    transaction.cancel();
  });
}

function inviteOf({ call, from, target }: CallBack, sdp: string): SipRequest {
  const bare: SipRequest = {
    kind: 'request',
    method: 'INVITE',
    uri: target,
    headers: [
      { name: 'Max-Forwards', value: '70' },
      { name: 'From', value: `<${from}>;tag=${call.facts.localTag}` },
      { name: 'To', value: `<${target}>` },
      { name: 'Call-ID', value: call.facts.callId },
      { name: 'CSeq', value: '1 INVITE' },
      { name: 'Contact', value: call.facts.contact },
      { name: 'P-Asserted-Identity', value: `<${from}>` },
      { name: 'Allow', value: ALLOWED },
    ],
    body: NO_BODY,
  };
  return withBody(bare, 'application/sdp', sdp);
}

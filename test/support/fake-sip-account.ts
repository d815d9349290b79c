import type { CallDialog } from '@isthmus/shared/store/call-records';
import type { MessageFate, OutgoingMessage } from '../../media-node/src/ports/pager-message.ts';
import type { IncomingInvite, SipAccount } from '../../media-node/src/ports/sip-accounts.ts';
import type {
  OutgoingInvite,
  Redirection,
  SipLeg,
  SipLegEvent,
} from '../../media-node/src/ports/sip-leg.ts';
import type { OutgoingRefer } from '../../media-node/src/ports/sip-refer.ts';

/** The IMS side of one call as a list of what it was told; the test says what IMS does. */
export class RecordingSipLeg implements SipLeg {
  readonly callId = 'sip-call-id';
  readonly traceId = 'leg';
  readonly sent: string[] = [];
  dialog: SipLeg['dialog'];
  earlyDialogs: SipLeg['earlyDialogs'] = [];

  refer({ replaces, target }: OutgoingRefer): void {
    this.sent.push(`refer ${target}${replaces ? ` for ${replaces.callId}` : ''}`);
  }

  ring(): void {
    this.sent.push('ring');
  }
  answerEarly(sdp: string): void {
    this.sent.push(`answer-early ${sdp}`);
  }
  answer(sdp: string): void {
    this.sent.push(`answer ${sdp}`);
  }
  reject(status: number, redirection?: Redirection): void {
    const to = redirection ? ` to ${redirection.contact}` : '';
    this.sent.push(`reject ${String(status)}${to}`);
  }
  cancel(): void {
    this.sent.push('cancel');
  }
  bye(): void {
    this.sent.push('bye');
  }
  offer(sdp: string): void {
    this.sent.push(`offer ${sdp}`);
  }
  sendDigit({ digit, durationMs }: { readonly digit: string; readonly durationMs: number }): void {
    this.sent.push(`digit ${digit} ${String(durationMs)}`);
  }
  answerReoffer(sdp: string): void {
    this.sent.push(`answer-reoffer ${sdp}`);
  }
  refuseReoffer(status: number): void {
    this.sent.push(`refuse-reoffer ${String(status)}`);
  }
}

export interface FakeCall {
  readonly invite: OutgoingInvite;
  readonly leg: RecordingSipLeg;
  readonly ims: (event: SipLegEvent) => void;
}

export class FakeSipAccount implements SipAccount {
  readonly calls: FakeCall[] = [];
  readonly messages: OutgoingMessage[] = [];
  readonly released: CallDialog[] = [];
  fate: MessageFate = { kind: 'message-answered', status: 200 };

  register(): void {
    // Registration is not what these tests are about.
  }
  standAlone(): void {
    // Nobody else is in them.
  }
  deregister(): Promise<void> {
    return Promise.resolve();
  }
  close(): void {
    // Nor is its end.
  }
  release(dialog: CallDialog): void {
    this.released.push(dialog);
  }
  message(message: OutgoingMessage): Promise<MessageFate> {
    this.messages.push(message);
    return Promise.resolve(this.fate);
  }
  invite(invite: OutgoingInvite, onEvent: (event: SipLegEvent) => void): SipLeg {
    const leg = new RecordingSipLeg();
    this.calls.push({ invite, leg, ims: onEvent });
    return leg;
  }
}

export interface FakeIncoming {
  readonly invite: IncomingInvite;
  readonly leg: RecordingSipLeg;
  ims(event: SipLegEvent): void;
}

export function anInvite(facts: Partial<Omit<IncomingInvite, 'listen'>> = {}): FakeIncoming {
  const leg = new RecordingSipLeg();
  let listener: (event: SipLegEvent) => void = () => undefined;
  const invite: IncomingInvite = {
    tenant: 'coast' as IncomingInvite['tenant'],
    calledImpu: 'sip:alice@ims.example' as IncomingInvite['calledImpu'],
    from: { uri: 'sip:bob@ims.example' },
    sdp: 'ims offer',
    ...facts,
    listen(onEvent) {
      listener = onEvent;
      return leg;
    },
  };
  return {
    invite,
    leg,
    ims: (event) => {
      listener(event);
    },
  };
}

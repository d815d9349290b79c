import type { Digit } from '../../core/media/digit-reader.ts';
import type { Dialog } from '../../ports/sip-leg.ts';
import type { OutgoingRefer } from '../../ports/sip-refer.ts';
import type { Conversation } from './conversation.ts';

/** What both directions of a call have in common once there is somebody to talk to. */
export abstract class TalkingLeg {
  /** Of the confirmed dialog. */
  protected abstract get confirmed(): Conversation | undefined;

  /** The dialog whose offers are passed on. */
  protected get talking(): Conversation | undefined {
    return this.confirmed;
  }

  get dialog(): Dialog | undefined {
    return this.confirmed?.dialog;
  }

  /** RFC 3891 §3: those alone that we began. */
  get earlyDialogs(): readonly Dialog[] {
    return [];
  }

  refer(refer: OutgoingRefer): void {
    this.confirmed?.referrals.refer(refer);
  }

  offer(sdp: string): void {
    this.confirmed?.offer(sdp);
  }

  sendDigit(digit: Digit): void {
    this.confirmed?.info.send(digit);
  }

  answerReoffer(sdp: string): void {
    this.talking?.offers.answer(sdp);
  }

  refuseReoffer(status: number): void {
    this.talking?.offers.refuse(status);
  }
}

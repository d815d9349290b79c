import type { SipLeg, SipLegEvent } from '../../ports/sip-leg.ts';

const nothing = (): void => undefined;

/** A call that ended before it began; its listener hears so later, never during the call. */
export function refusedLeg(
  refusal: Omit<Extract<SipLegEvent, { kind: 'sip-rejected' }>, 'kind'>,
  onEvent: (event: SipLegEvent) => void,
): SipLeg {
  queueMicrotask(() => {
    onEvent({ kind: 'sip-rejected', ...refusal });
  });
  return {
    ...{ callId: '', traceId: '', dialog: undefined, earlyDialogs: [], refer: nothing },
    ...{ ring: nothing, answer: nothing, reject: nothing, cancel: nothing, bye: nothing },
    ...{
      answerEarly: nothing,
      offer: nothing,
      sendDigit: nothing,
      answerReoffer: nothing,
      refuseReoffer: nothing,
    },
  };
}

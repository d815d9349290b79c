import type { CallEvent, CallState, Step } from './call-types.ts';
import { isHeldByUs } from './holding.ts';
import { go, stay } from './steps.ts';

type Established = CallState & { readonly kind: 'established' };
type DigitEvent = CallEvent & { readonly kind: 'digit-heard' | 'sip-digit' };

export const isDigit = (event: CallEvent): event is DigitEvent =>
  event.kind === 'digit-heard' || event.kind === 'sip-digit';

/** Nobody hears anything of a call that our user holds, digits neither. */
export function whenDigit(state: Established, event: DigitEvent): Step {
  if (isHeldByUs(state)) return stay(state);
  const { digit, durationMs } = event;
  if (event.kind === 'digit-heard' && event.from === 'browser')
    return go(state, { kind: 'send-digit', digit, durationMs });
  const { device } = state;
  return go(state, {
    ...{ kind: 'notify', device },
    notice: { event: 'call.dtmf', digit, durationMs },
  });
}

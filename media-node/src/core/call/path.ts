import type { CallEvent, CallState, Step } from './call-types.ts';
import { go, stay } from './steps.ts';

/** Thirty silent seconds have passed; a browser with another network has offered within these. */
export const PATH_GRACE_MS = 15_000;

type WithDevice = CallState & { readonly kind: 'inviting' | 'established' };

/** The way to the browser is lost: it is told, and has a while to find another (RFC 7675 §5.1). */
export function whenPath(state: WithDevice, event: CallEvent): Step | undefined {
  if (event.kind !== 'consent-lost' && event.kind !== 'consent-restored') return undefined;
  const { device } = state;
  if (event.device !== device) return stay(state);
  return event.kind === 'consent-lost'
    ? go(
        state,
        { kind: 'notify', device, notice: { event: 'call.path', state: 'lost' } },
        { kind: 'start-timer', timer: 'path', ms: PATH_GRACE_MS },
      )
    : go(
        state,
        { kind: 'stop-timer', timer: 'path' },
        { kind: 'notify', device, notice: { event: 'call.path', state: 'restored' } },
      );
}

import { causeOfStatus, wordsFor } from '@isthmus/shared/domain/release-cause';
import type { CallEffect, CallEvent, CallState, Step } from './call-types.ts';
import { go, release } from './steps.ts';

type Established = CallState & { readonly kind: 'established' };

/** A network that says nothing of it for so long will not. */
const TRANSFER_MS = 90_000;

/** Our user hands the other side to somebody else (RFC 3515, 3GPP TS 24.629). */
export function whenTransferring(state: Established, event: CallEvent): Step | undefined {
  const { device, transfer } = state;
  if (event.kind === 'device-transferred') {
    return go(
      { ...state, transfer: { isAccepted: false } },
      { kind: 'send-refer', refer: event.refer },
      { kind: 'start-timer', timer: 'transfer', ms: TRANSFER_MS },
      told(state, 'trying'),
    );
  }
  if (!transfer) return undefined;
  switch (event.kind) {
    case 'sip-refer-progressed': {
      const next = { ...state, transfer: { isAccepted: true } };
      return event.status === 180 ? go(next, told(state, 'ringing')) : go(next);
    }
    case 'sip-refer-settled':
      return event.status < 300
        ? release(
            { cause: 'transferred', devices: [device] },
            { kind: 'send-bye' },
            told(state, 'done'),
            { kind: 'finish-transfer' },
          )
        : failed(state, wordsFor(causeOfStatus(event.status)));
    case 'timer-fired':
      return event.timer === 'transfer' ? failed(state, wordsFor('no-answer')) : undefined;
    // Whom it was told goes where it was sent.
    case 'sip-hung-up':
      return transfer.isAccepted
        ? release({ cause: 'transferred', devices: [device] }, told(state, 'done'))
        : undefined;
    default:
      return undefined;
  }
}

function failed({ transfer: _, ...state }: Established, text: string): Step {
  return go(state, { kind: 'stop-timer', timer: 'transfer' }, told(state, 'failed', text));
}

const WORDS = {
  trying: 'transferring',
  ringing: 'ringing',
  done: 'transferred',
  failed: '',
} as const;

const told = (
  { device }: Established,
  state: keyof typeof WORDS,
  text: string = WORDS[state],
): CallEffect => ({
  ...{ kind: 'notify', device },
  notice: { event: 'call.transfer', state, text },
});

import type { Provisional } from '../../core/session/reliable-provisional.ts';
import type { Clock } from '../../ports/clock.ts';
import type { DialogOffers } from './dialog-offers.ts';
import { type PeerRequest, sdpIn } from './peer-request.ts';

interface Acknowledged {
  /** Of the INVITE. */
  readonly offer: string | undefined;
  readonly response: Provisional;
  readonly offers: DialogOffers | undefined;
  /** To an early offer of ours. */
  readonly onAnswer: (sdp: string) => void;
}

/**
 * RFC 3262 §5: a PRACK may answer our early offer, or offer anew once an answer stands. False: that
 * offer is to be answered first.
 */
export function takePrack(
  prack: PeerRequest,
  { offer, offers, onAnswer, response }: Acknowledged,
): boolean {
  const sdp = sdpIn(prack.message);
  if (response.sdp !== undefined && offer !== undefined) offers?.took(offer, true);
  if (response.sdp !== undefined && offer === undefined && sdp !== undefined) {
    offers?.took(sdp, false);
    onAnswer(sdp);
  } else if (sdp !== undefined) {
    offers?.received(prack);
    return false;
  }
  prack.accept({ statusCode: 200 });
  return true;
}

/** Who has answered is not kept waiting for longer. */
const PATIENCE_MS = 2_000;

/**
 * Does `next` once: when `first` is over, or has taken too long. So a caller knows where to send before he
 * is answered, and nothing that he says behind that is lost.
 */
export function before(next: () => void, clock: Clock, first: (over: () => void) => void): void {
  let isDone = false;
  const once = (): void => {
    stopWaiting();
    if (isDone) return;
    isDone = true;
    next();
  };
  const stopWaiting = clock.after(PATIENCE_MS, once);
  first(once);
}

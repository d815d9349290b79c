import type { CodecsOfLegs } from '../../core/quality/leg-numbers.ts';
import { BrowserLeg } from '../../core/sdp/browser-leg.ts';
import type { BrowserMedia } from '../../core/sdp/browser-reading.ts';
import { ImsLeg } from '../../core/sdp/ims-leg.ts';
import type { ImsMedia, ImsReading } from '../../core/sdp/ims-reading.ts';
import type { ImsTerms } from '../../core/sdp/ims-terms.ts';
import type { NewKey } from '../../core/sdp/sdes.ts';
import type { CallMediaOptions } from '../../ports/call-media.ts';
import type { Clock } from '../../ports/clock.ts';
import type { MediaCall, MediaEvent, MediaPlane } from '../../ports/media-plane.ts';
import type { VideoTranscoder } from '../../ports/video-transcoder.ts';
import type { VoiceAgreement } from './voice-agreement.ts';

export interface CallMediaDeps {
  readonly plane: Pick<MediaPlane, 'open'>;
  readonly reading: ImsReading;
  /** Numeric, for the `o=` lines. */
  readonly newSessionId: () => string;
  readonly newCname: () => string;
  /** Of so many random bytes, in base64. */
  readonly newKey: NewKey;
  readonly onEvent: (event: MediaEvent) => void;
  readonly voice: VoiceAgreement;
  readonly videoTranscoder: VideoTranscoder;
  readonly clock: Pick<Clock, 'nowMs'>;
}

/** Both sides of one call, and the media between them. */
export interface Legs {
  readonly call: MediaCall;
  readonly browser: BrowserLeg;
  readonly ims: ImsLeg;
}

export function createLegs(
  call: MediaCall,
  { newSessionId, newCname, newKey }: CallMediaDeps,
  terms: ImsTerms,
): Legs {
  const { access, ssrcToBrowser: ssrc, ims: local } = call;
  const fingerprints = { algorithm: 'sha-256', values: [access.fingerprint] };
  const browserSide = { sessionId: newSessionId(), access, ssrc, cname: newCname() };
  return {
    call,
    browser: new BrowserLeg(browserSide),
    ims: new ImsLeg({ sessionId: newSessionId(), local, terms, newKey, fingerprints }),
  };
}

/** What each side speaks by what it said last. */
export const codecsOf = (legs: Legs | undefined): CodecsOfLegs => ({
  access: legs?.browser.sendsFirst?.name,
  ims: legs?.ims.codecs.remote[0]?.name,
});

/** Once the browser has described itself; `early`: what it trickled before. */
export function connectAccess(
  { call }: Legs,
  { usernameFragment, password, fingerprints, candidates }: BrowserMedia,
  { early, weControl }: { readonly early: readonly string[]; readonly weControl: boolean },
): void {
  call.addCandidates([...candidates, ...early]);
  call.connectAccess({ usernameFragment, password, fingerprints, weControl });
}

/** Once offer and answer have settled what the description of IMS means. */
export function connectIms(
  { call, ims }: Legs,
  { remote }: ImsMedia,
  { learnsSource = false }: Pick<CallMediaOptions, 'learnsSource'>,
): void {
  if (!remote) return;
  call.connectIms({ ...remote, ...(learnsSource && { learnsSource }), ...ims.keys });
}

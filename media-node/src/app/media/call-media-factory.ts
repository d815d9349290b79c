import { type AddressPolicyOptions, createAddressPolicy } from '../../core/sdp/address-policy.ts';
import { PLAIN_TERMS, withDtlsRoles } from '../../core/sdp/ims-terms.ts';
import { familyOf } from '../../core/sdp/ip-address.ts';
import type { CallMediaFactory } from '../../ports/call-media.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import type { MediaPlane } from '../../ports/media-plane.ts';
import type { Transcoder } from '../../ports/transcoder.ts';
import type { VideoTranscoder } from '../../ports/video-transcoder.ts';
import { InterworkedCallMedia } from './interworked-call-media.ts';
import { noTranscoder } from './no-transcoder.ts';
import { noVideoTranscoder } from './no-video-transcoder.ts';
import { VoiceAgreement, type WhenFull } from './voice-agreement.ts';

export interface CallMediaFactoryDeps {
  readonly plane: MediaPlane;
  readonly ids: Ids;
  readonly clock: Clock;
  /** Absent: nothing is transcoded. */
  readonly transcoder?: Transcoder;
  /** Absent: no video is. */
  readonly videoTranscoder?: VideoTranscoder;
}

export interface CallMediaFactoryOptions {
  /** Where IMS may make us send; the plane has its own for candidates. */
  readonly addressPolicy: AddressPolicyOptions;
  /** Of our address toward IMS, where that reaches no other. */
  readonly family?: 4 | 6;
  readonly whenTranscodersFull?: WhenFull;
}

export function createCallMediaFactory(
  deps: CallMediaFactoryDeps,
  {
    addressPolicy,
    family,
    whenTranscodersFull: whenFull = 'pass-through',
  }: CallMediaFactoryOptions,
): CallMediaFactory {
  const { plane, ids, clock, transcoder = noTranscoder } = deps;
  const { videoTranscoder = noVideoTranscoder } = deps;
  const isAllowed = createAddressPolicy(addressPolicy);
  const mayReach = (address: string): boolean =>
    (family ?? familyOf(address)) === familyOf(address) && isAllowed(address);
  return {
    create(options, onEvent) {
      const { codecs: allowed, terms: wanted = PLAIN_TERMS } = options;
      const terms = withDtlsRoles(wanted, plane.imsDtlsRoles ?? []);
      return new InterworkedCallMedia(
        {
          plane,
          clock,
          reading: { mayReach, terms },
          onEvent,
          newSessionId: () => String(clock.nowMs()),
          newCname: () => ids.random(96),
          voice: new VoiceAgreement(transcoder, {
            ...{ allowed, whenFull },
            digitsByInfo: options.digitsByInfo,
          }),
          videoTranscoder,
          newKey: (bytes) => toBase64Alphabet(ids.random(8 * bytes)),
        },
        options,
      );
    },
  };
}

/** From the alphabet of identifiers (RFC 4648 §5) to that of SDP (§4), padded. */
const toBase64Alphabet = (text: string): string =>
  text
    .replaceAll('-', '+')
    .replaceAll('_', '/')
    .padEnd(Math.ceil(text.length / 4) * 4, '=');

import { type AddressPolicyOptions, createAddressPolicy } from '../../core/sdp/address-policy.ts';
import type { CallMediaFactory } from '../../ports/call-media.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import type { MediaPlane } from '../../ports/media-plane.ts';
import { InterworkedCallMedia } from './interworked-call-media.ts';

export interface CallMediaFactoryDeps {
  readonly plane: MediaPlane;
  readonly ids: Ids;
  readonly clock: Clock;
}

export interface CallMediaFactoryOptions {
  /** Where IMS may make us send; the plane has its own for candidates. */
  readonly addressPolicy: AddressPolicyOptions;
}

export function createCallMediaFactory(
  { plane, ids, clock }: CallMediaFactoryDeps,
  { addressPolicy }: CallMediaFactoryOptions,
): CallMediaFactory {
  const mayReach = createAddressPolicy(addressPolicy);
  return {
    create: (options, onEvent) =>
      new InterworkedCallMedia(
        {
          plane,
          mayReach,
          onEvent,
          newSessionId: () => String(clock.nowMs()),
          newCname: () => ids.random(96),
        },
        options,
      ),
  };
}

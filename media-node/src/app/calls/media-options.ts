import type { TenantItem } from '@isthmus/shared/store/items';
import { imsTerms } from '../../core/sdp/ims-terms.ts';
import type { CallMediaOptions } from '../../ports/call-media.ts';

/** What a tenant's settings say of the media of one call. */
export const mediaOptions = (
  callId: string,
  { codecs, ims }: Pick<TenantItem, 'codecs' | 'ims'>,
): CallMediaOptions => ({
  callId,
  codecs,
  learnsSource: ims.learnRtpSource,
  terms: imsTerms(ims),
  digitsByInfo: (ims.session?.dtmf ?? 'rtp') !== 'rtp',
});

/** How long IMS may say nothing at all in a call that nobody holds; undefined: for ever. */
export function silenceOf({ ims }: Pick<TenantItem, 'ims'>): number | undefined {
  const { inactivityS } = ims.media ?? {};
  return inactivityS === undefined ? undefined : 1000 * inactivityS;
}

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

import { X509Certificate } from 'node:crypto';
import { refusedRanges } from '../../core/sdp/address-policy.ts';
import type { AddressRange } from '../../core/sdp/ip-address.ts';
import type { Certificate } from '../control/certificate.ts';
import type { MediaPlaneOptions } from '../media/media-plane-options.ts';
import type { StartOptions } from './worker-protocol.ts';

/** Far more than one core carries; bounds every table of a worker. */
const MAX_CALLS = 4096;
/** As media-node/native/ranges.h has it: 16 octets, how many count, prefix bits. */
const RANGE_BYTES = 18;

/** How its sockets are waited for; `auto`: by io_uring where it is allowed. */
export type MediaIo = 'auto' | 'epoll';

export type CommonEngineOptions = Omit<StartOptions, 'statsFd'>;

/** What every worker is told; its port is still to be set. */
export const engineOptions = (
  options: MediaPlaneOptions & { readonly io?: MediaIo },
  certificate: Certificate,
): CommonEngineOptions => ({
  browser: { address: options.browser.bindAddress, port: options.browser.port },
  ims: { address: options.ims.bindAddress, port: 0 },
  maxCalls: MAX_CALLS,
  consentExpiryMs: options.consentExpiryMs,
  rtcpIntervalMs: options.rtcpIntervalMs,
  maxPacketsPerS: options.maxPacketsPerS,
  isLite: options.browser.isLite ?? false,
  mayUseRing: options.io !== 'epoll',
  ...certificate,
  refusedRanges: packRanges(refusedRanges(options.addressPolicy)),
});

function packRanges(ranges: readonly AddressRange[]): string {
  const packed = Buffer.alloc(ranges.length * RANGE_BYTES);
  ranges.forEach(({ base, prefixBits }, index) => {
    packed.set(base, index * RANGE_BYTES);
    packed.set([base.length, prefixBits], (index + 1) * RANGE_BYTES - 2);
  });
  return packed.toString('base64');
}

/** sha-256, upper-case hex with colons. */
export const fingerprintOf = ({ certificatePem }: Certificate): string =>
  new X509Certificate(certificatePem).fingerprint256;

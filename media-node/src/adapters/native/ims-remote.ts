import { srtpKeysOf } from '../../core/media/srtp-suite.ts';
import type { ImsDtls, ImsRemote, ImsSrtp } from '../../ports/media-plane.ts';
import type { NamedPeer } from './media-addon.ts';
import { namesOf } from './order-values.ts';
import type { ConnectedRemote } from './worker-protocol.ts';

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

const keysOf = ({ suite, local, remote }: ImsSrtp) => ({
  profile: srtpKeysOf(suite, local).profile,
  local: base64(local),
  remote: base64(remote),
});

const namedBy = ({ role, fingerprints, association }: ImsDtls): NamedPeer => ({
  isClient: role === 'client',
  ...namesOf(fingerprints),
  association,
});

/** The peer of an IMS leg as a worker is told of it. */
export const imsRemoteOf = (remote: ImsRemote): ConnectedRemote => {
  const { address, rtpPort, rtcpPort, learnsSource = false, srtp, dtls } = remote;
  return {
    rtp: { address, port: rtpPort },
    rtcp: { address, port: rtcpPort },
    learnsSource,
    ...(srtp && { srtp: keysOf(srtp) }),
    ...(dtls && { dtls: namedBy(dtls) }),
  };
};

import { NO_MEDIA } from '@isthmus/media-node/core/media/no-traffic';
import type { MediaCall, MediaPlane } from '@isthmus/media-node/ports/media-plane';

const ignored = (): void => undefined;

/** Media without sockets, ICE or DTLS: what is left of a call is SIP, SDP and the session. */
export const stillMediaPlane: MediaPlane = {
  stunUrl: 'stun:127.0.0.1:3478',
  open: () => Promise.resolve(stillCall),
  close: () => Promise.resolve(),
};

const stillCall: MediaCall = {
  access: {
    usernameFragment: 'node',
    password: 'a-password-of-the-node-0',
    fingerprint: Array.from({ length: 32 }, () => 'AB').join(':'),
    candidates: ['candidate:1 1 udp 2130706431 127.0.0.1 5000 typ host'],
  },
  ims: { address: '127.0.0.1', rtpPort: 40_000, rtcpPort: 40_001 },
  ssrcToBrowser: 1,
  connectAccess: ignored,
  restartAccess: () => undefined,
  addCandidates: ignored,
  connectIms: ignored,
  setRewrite: ignored,
  divert: ignored,
  send: ignored,
  setGate: ignored,
  stats: () => NO_MEDIA,
  close: () => Promise.resolve(),
};

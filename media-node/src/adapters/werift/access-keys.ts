import type { RTCDtlsTransport } from 'werift';
import { SrtpReceiver, SrtpSender } from '../../core/media/srtp-session.ts';
import { nodeSrtpCrypto } from './node-srtp-crypto.ts';

export interface AccessSrtp {
  readonly receiver: SrtpReceiver;
  readonly sender: SrtpSender;
}

/** SRTP under the keys of a handshake that is done (RFC 5764 §4.2). */
export function srtpUnderKeysOf(dtls: RTCDtlsTransport): AccessSrtp {
  const { profile, keys } = dtls.srtp.config;
  const { localMasterKey, localMasterSalt, remoteMasterKey, remoteMasterSalt } = keys;
  const local = { profile, masterKey: localMasterKey, masterSalt: localMasterSalt };
  const remote = { profile, masterKey: remoteMasterKey, masterSalt: remoteMasterSalt };
  return {
    receiver: new SrtpReceiver(nodeSrtpCrypto, remote),
    sender: new SrtpSender(nodeSrtpCrypto, local),
  };
}

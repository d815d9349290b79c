import { nodeSrtpCrypto } from '../../media-node/src/adapters/werift/node-srtp-crypto.ts';
import { SrtpReceiver, SrtpSender } from '../../media-node/src/core/media/srtp-session.ts';
import { masterBytes, srtpKeysOf } from '../../media-node/src/core/media/srtp-suite.ts';
import type { ImsSrtp, SrtpSuite } from '../../media-node/src/ports/media-plane.ts';

export const master = (suite: SrtpSuite, seed: number): Uint8Array =>
  Uint8Array.from({ length: masterBytes(suite) }, (_, at) => (seed + 7 * at) % 256);

export const srtpOf = (suite: SrtpSuite): ImsSrtp => ({
  suite,
  local: master(suite, 1),
  remote: master(suite, 99),
});

/** The peer's half of the keys: it sends with `remote` and hears with `local`. */
export const peerOf = ({ suite, local, remote }: ImsSrtp) => ({
  sender: new SrtpSender(nodeSrtpCrypto, srtpKeysOf(suite, remote)),
  receiver: new SrtpReceiver(nodeSrtpCrypto, srtpKeysOf(suite, local)),
});

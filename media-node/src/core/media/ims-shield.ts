import type { ImsSrtp } from '../../ports/media-plane.ts';
import { equalBytes } from './bytes.ts';
import { packetKind } from './packet-kind.ts';
import type { SrtpCrypto } from './srtp-crypto.ts';
import { SrtpReceiver, SrtpSender } from './srtp-session.ts';
import { srtpKeysOf } from './srtp-suite.ts';

type Kind = 'rtp' | 'rtcp';

interface Shield {
  readonly keys: ImsSrtp;
  readonly sender: SrtpSender;
  readonly receiver: SrtpReceiver;
}

/** SRTP of the IMS leg, or none. */
export class ImsShield {
  readonly #crypto: SrtpCrypto;
  #shield: Shield | undefined;

  constructor(crypto: SrtpCrypto) {
    this.#crypto = crypto;
  }

  /** Each half is made anew with new keys only: under old ones no index may be used again (RFC 3711 §9.1). */
  rekey(keys: ImsSrtp | undefined): void {
    const old = this.#shield;
    if (!keys) {
      this.#shield = undefined;
      return;
    }
    const { suite, local, remote } = keys;
    const isSameSuite = old?.keys.suite === suite;
    const keptSender = isSameSuite && equalBytes(old.keys.local, local) ? old.sender : undefined;
    const keptReceiver =
      isSameSuite && equalBytes(old.keys.remote, remote) ? old.receiver : undefined;
    this.#shield = {
      keys,
      sender: keptSender ?? new SrtpSender(this.#crypto, srtpKeysOf(suite, local)),
      receiver: keptReceiver ?? new SrtpReceiver(this.#crypto, srtpKeysOf(suite, remote)),
    };
  }

  /** Plain RTP or RTCP; `undefined` for what is not of this kind, forged or replayed. */
  open(kind: Kind, packet: Uint8Array): Uint8Array | undefined {
    if (!this.#shield) return packetKind(packet) === kind ? packet : undefined;
    const { receiver } = this.#shield;
    return kind === 'rtp' ? receiver.unprotectRtp(packet) : receiver.unprotectRtcp(packet);
  }

  seal(kind: Kind, packet: Uint8Array): Uint8Array | undefined {
    if (!this.#shield) return packet;
    const { sender } = this.#shield;
    return kind === 'rtp' ? sender.protectRtp(packet) : sender.protectRtcp(packet);
  }
}

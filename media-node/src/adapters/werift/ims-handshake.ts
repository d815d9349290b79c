import { DtlsServer, type RTCCertificate } from 'werift';
import { handshakeRecords } from '../../core/media/dtls-record.ts';
import type { HandshakeGuard } from '../../core/media/handshake-guard.ts';
import {
  SRTP_AEAD_AES_128_GCM,
  SRTP_AES128_CM_HMAC_SHA1_80,
} from '../../core/media/srtp-crypto.ts';
import { SrtpReceiver, SrtpSender } from '../../core/media/srtp-session.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ImsDtls } from '../../ports/media-plane.ts';
import type { HandshakeSink, PortHandshake, StartHandshake } from '../udp/port-handshake.ts';
import { nodeSrtpCrypto } from './node-srtp-crypto.ts';
import { guardHandshake } from './werift-dtls-corrections.ts';

export interface ImsHandshakeDeps {
  readonly certificate: RTCCertificate;
  readonly clock: Clock;
}

const KEY_BYTES = 16;
const SALT_BYTES = { [SRTP_AEAD_AES_128_GCM]: 12, [SRTP_AES128_CM_HMAC_SHA1_80]: 14 } as const;
/** werift repeats a flight for half a minute after a close, unless it is past it. */
const BEYOND_LAST_FLIGHT = 99;
const NOWHERE = { address: '0.0.0.0', port: 0, family: 'IPv4' };

/** DTLS toward IMS by werift: its server alone, for its client checks no signature of the other side. */
export const imsHandshakes =
  (deps: ImsHandshakeDeps): StartHandshake =>
  (dtls, sink) =>
    new ImsHandshake(deps, dtls, sink);

class ImsHandshake implements PortHandshake {
  readonly #sink: HandshakeSink;
  readonly #server: DtlsServer;
  readonly #guard: HandshakeGuard;
  readonly #deliver: (records: Buffer) => void;
  #isOver = false;

  constructor(
    { certificate, clock }: ImsHandshakeDeps,
    { fingerprints }: ImsDtls,
    sink: HandshakeSink,
  ) {
    this.#sink = sink;
    const transport = {
      ...{ type: 'udp', address: NOWHERE, closed: false },
      onData: (_records: Buffer, _from: readonly [string, number]): void => undefined,
      send: (datagram: Buffer): Promise<void> => {
        sink.send(datagram);
        return Promise.resolve();
      },
      close: (): Promise<void> => Promise.resolve(),
    };
    this.#server = new DtlsServer({
      ...{ cert: certificate.certPem, key: certificate.privateKey },
      signatureHash: certificate.signatureHash,
      srtpProfiles: [SRTP_AEAD_AES_128_GCM, SRTP_AES128_CM_HMAC_SHA1_80],
      ...{ extendedMasterSecret: true, certificateRequest: true, transport },
    });
    this.#deliver = (records) => {
      transport.onData(records, [NOWHERE.address, NOWHERE.port]);
    };
    this.#guard = guardHandshake(this.#server, fingerprints, { clock, onDropped: sink.onDropped });
    this.#server.onConnect.once(() => {
      this.#conclude();
    });
    this.#server.onError.once((cause) => {
      this.#fail(cause.message);
    });
  }

  take(datagram: Uint8Array): void {
    const records = handshakeRecords(datagram, this.#isOver);
    if (records.length < datagram.length) this.#sink.onDropped();
    if (records.length > 0) this.#deliver(Buffer.from(records));
  }

  close(): void {
    this.#isOver = true;
    this.#server.dtls.flight = BEYOND_LAST_FLIGHT;
  }

  #conclude(): void {
    const profile = this.#server.srtp.srtpProfile;
    if (this.#isOver) return;
    if (!this.#guard.isProven) {
      this.#fail('key possession not proven');
    } else if (profile !== SRTP_AEAD_AES_128_GCM && profile !== SRTP_AES128_CM_HMAC_SHA1_80) {
      this.#fail('no SRTP profile in common');
    } else {
      this.#isOver = true;
      const keys = this.#server.extractSessionKeys(KEY_BYTES, SALT_BYTES[profile]);
      const local = { profile, masterKey: keys.localKey, masterSalt: keys.localSalt };
      const remote = { profile, masterKey: keys.remoteKey, masterSalt: keys.remoteSalt };
      this.#sink.onKeys({
        sender: new SrtpSender(nodeSrtpCrypto, local),
        receiver: new SrtpReceiver(nodeSrtpCrypto, remote),
      });
    }
  }

  #fail(reason: string): void {
    if (this.#isOver) return;
    this.close();
    this.#sink.onFailed(reason);
  }
}

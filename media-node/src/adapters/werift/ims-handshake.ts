import { DtlsClient, DtlsServer, type RTCCertificate } from 'werift';
import { handshakeRecords, OF_CLIENT, OF_SERVER } from '../../core/media/dtls-record.ts';
import {
  SRTP_AEAD_AES_128_GCM,
  SRTP_AES128_CM_HMAC_SHA1_80,
} from '../../core/media/srtp-crypto.ts';
import { SrtpReceiver, SrtpSender } from '../../core/media/srtp-session.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ImsDtls } from '../../ports/media-plane.ts';
import type { HandshakeSink, PortHandshake, StartHandshake } from '../udp/port-handshake.ts';
import { ClientRecords } from './client-records.ts';
import { nodeSrtpCrypto } from './node-srtp-crypto.ts';
import { guardHandshake, guardServerFlight } from './werift-dtls-corrections.ts';

export interface ImsHandshakeDeps {
  readonly certificate: RTCCertificate;
  readonly clock: Clock;
}

const KEY_BYTES = 16;
const SALT_BYTES = { [SRTP_AEAD_AES_128_GCM]: 12, [SRTP_AES128_CM_HMAC_SHA1_80]: 14 } as const;
/** werift repeats a flight for half a minute after a close, unless it is past it. */
const BEYOND_LAST_FLIGHT = 99;
const NOWHERE = { address: '0.0.0.0', port: 0, family: 'IPv4' };

/** DTLS toward IMS by werift, with a guard before either side of it. */
export const imsHandshakes =
  (deps: ImsHandshakeDeps): StartHandshake =>
  (dtls, sink) =>
    new ImsHandshake(deps, dtls, sink);

/** What werift takes for a socket. */
class Wire {
  readonly type = 'udp';
  readonly address = NOWHERE;
  readonly closed = false;
  onData: (records: Buffer, from: readonly [string, number]) => void = () => undefined;
  onSent: (datagram: Uint8Array) => void = () => undefined;

  readonly send = (datagram: Buffer): Promise<void> => {
    this.onSent(datagram);
    return Promise.resolve();
  };

  readonly close = (): Promise<void> => Promise.resolve();

  deliver(records: Uint8Array): void {
    this.onData(Buffer.from(records), [NOWHERE.address, NOWHERE.port]);
  }
}

/** One attempt: what shakes hands, and what it has proven so far. */
interface Attempt {
  readonly socket: DtlsClient | DtlsServer;
  readonly wire: Wire;
  readonly guard: { readonly isProven: boolean };
  /** Nobody has answered it with anything that says who he is. */
  readonly isUnheard: () => boolean;
}

class ImsHandshake implements PortHandshake {
  readonly #deps: ImsHandshakeDeps;
  readonly #dtls: ImsDtls;
  readonly #sink: HandshakeSink;
  #attempt: Attempt;
  #isOver = false;

  constructor(deps: ImsHandshakeDeps, dtls: ImsDtls, sink: HandshakeSink) {
    this.#deps = deps;
    this.#dtls = dtls;
    this.#sink = sink;
    this.#attempt = this.#begin();
  }

  take(datagram: Uint8Array): void {
    const voice = this.#dtls.role === 'client' ? OF_SERVER : OF_CLIENT;
    const records = handshakeRecords(datagram, this.#isOver, voice);
    if (records.length < datagram.length) this.#sink.onDropped();
    if (records.length > 0) this.#attempt.wire.deliver(records);
  }

  close(): void {
    this.#isOver = true;
    this.#attempt.socket.dtls.flight = BEYOND_LAST_FLIGHT;
  }

  #begin(): Attempt {
    const attempt = this.#dtls.role === 'client' ? this.#newClient() : this.#newServer();
    const { socket } = attempt;
    socket.onConnect.once(() => {
      this.#conclude(attempt);
    });
    socket.onError.once((cause) => {
      this.#end(attempt, cause.message);
    });
    if (socket instanceof DtlsClient) {
      socket.connect().catch((cause: unknown) => {
        socket.onError.execute(cause instanceof Error ? cause : new Error(String(cause)));
      });
    }
    return attempt;
  }

  #newServer(): Attempt {
    const wire = new Wire();
    wire.onSent = this.#sink.send;
    const socket = new DtlsServer({ ...this.#optionsOn(wire), certificateRequest: true });
    const guard = guardHandshake(socket, this.#dtls.fingerprints, this.#guardDeps);
    return { socket, wire, guard, isUnheard: () => false };
  }

  #newClient(): Attempt {
    const wire = new Wire();
    const socket = new DtlsClient(this.#optionsOn(wire));
    const records = new ClientRecords(socket);
    wire.onSent = (datagram) => {
      this.#sink.send(records.numbered(datagram));
    };
    const guard = guardServerFlight(socket, this.#dtls.fingerprints, this.#guardDeps);
    return {
      ...{ socket, wire, guard },
      isUnheard: () => !guard.hasFlight && guard.doubt === undefined,
    };
  }

  get #guardDeps() {
    return { clock: this.#deps.clock, onDropped: this.#sink.onDropped };
  }

  #optionsOn(transport: Wire): ConstructorParameters<typeof DtlsServer>[0] {
    const { certPem: cert, privateKey: key, signatureHash } = this.#deps.certificate;
    return {
      ...{ cert, key, signatureHash, transport },
      srtpProfiles: [SRTP_AEAD_AES_128_GCM, SRTP_AES128_CM_HMAC_SHA1_80],
      extendedMasterSecret: true,
    };
  }

  #conclude({ socket, guard }: Attempt): void {
    const profile = socket.srtp.srtpProfile;
    if (this.#isOver) return;
    if (!guard.isProven) {
      this.#fail('key possession not proven');
    } else if (profile !== SRTP_AEAD_AES_128_GCM && profile !== SRTP_AES128_CM_HMAC_SHA1_80) {
      this.#fail('no SRTP profile in common');
    } else {
      this.#isOver = true;
      const keys = socket.extractSessionKeys(KEY_BYTES, SALT_BYTES[profile]);
      const local = { profile, masterKey: keys.localKey, masterSalt: keys.localSalt };
      const remote = { profile, masterKey: keys.remoteKey, masterSalt: keys.remoteSalt };
      this.#sink.onKeys({
        sender: new SrtpSender(nodeSrtpCrypto, local),
        receiver: new SrtpReceiver(nodeSrtpCrypto, remote),
      });
    }
  }

  /** werift says its hello for half a minute; a phone may ring for longer and listen only then. */
  #end(attempt: Attempt, reason: string): void {
    if (this.#isOver || attempt !== this.#attempt) return;
    if (attempt.isUnheard()) this.#attempt = this.#begin();
    else this.#fail(reason);
  }

  #fail(reason: string): void {
    if (this.#isOver) return;
    this.close();
    this.#sink.onFailed(reason);
  }
}

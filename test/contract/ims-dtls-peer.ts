import { DtlsClient, DtlsServer, RTCDtlsTransport } from 'werift';
import { nodeSrtpCrypto } from '../../media-node/src/adapters/werift/node-srtp-crypto.ts';
import { SrtpReceiver, SrtpSender } from '../../media-node/src/core/media/srtp-session.ts';
import type { ImsDtls, RtpEndpoint } from '../../media-node/src/ports/media-plane.ts';
import type { ImsPeer } from './ims-peer.ts';
import type { DtlsClient as TamperedClient } from './werift-browser.ts';

export interface DtlsPeerOptions {
  readonly ims: ImsPeer;
  /** Where the node is. */
  readonly node: RtpEndpoint;
  readonly port?: 'rtp' | 'rtcp';
  /** Of the peer. */
  readonly role: ImsDtls['role'];
  /** Turns it into a hostile one, before it says anything. */
  readonly tamper?: (client: TamperedClient) => void;
}

const GCM = 7;
const AES_CM = 1;
const KEY_BYTES = 16;
const SALT_BYTES = { [GCM]: 12, [AES_CM]: 14 } as const;
/** werift repeats a flight for half a minute, unless it is past it. */
const BEYOND_LAST_FLIGHT = 99;

const isDtls = (packet: Buffer): boolean => (packet[0] ?? 0) >= 20 && (packet[0] ?? 0) <= 63;

/** A peer of IMS on one port that shakes hands by werift, and SRTP under the keys of that. */
export class DtlsPeer {
  /** RTP or RTCP that was authentic, opened. */
  readonly heard: Buffer[] = [];
  /** Whatever came and is no DTLS. */
  readonly came: Buffer[] = [];
  readonly #options: DtlsPeerOptions;
  readonly #socket: DtlsClient | DtlsServer;
  #sender: SrtpSender | undefined;
  #receiver: SrtpReceiver | undefined;
  isOpen = false;

  static async open(options: DtlsPeerOptions): Promise<DtlsPeer> {
    return new DtlsPeer(options, await RTCDtlsTransport.SetupCertificate());
  }

  /** Of its certificate, by SHA-256, as it is signalled. */
  static async fingerprint(): Promise<string> {
    const certificate = await RTCDtlsTransport.SetupCertificate();
    const value = certificate.getFingerprints()[0]?.value ?? '';
    return value.toUpperCase();
  }

  private constructor(
    options: DtlsPeerOptions,
    certificate: Awaited<ReturnType<typeof RTCDtlsTransport.SetupCertificate>>,
  ) {
    this.#options = options;
    const transport = {
      type: 'udp',
      address: { address: '127.0.0.1', port: 0, family: 'IPv4' },
      closed: false,
      onData: (_data: Buffer, _from: readonly [string, number]): void => undefined,
      send: (data: Buffer) => {
        this.sendRaw(data);
        return Promise.resolve();
      },
      close: () => Promise.resolve(),
    };
    const secrets = {
      cert: certificate.certPem,
      key: certificate.privateKey,
      signatureHash: certificate.signatureHash,
    };
    const how = { srtpProfiles: [GCM, AES_CM], extendedMasterSecret: true };
    const common = { ...secrets, ...how, transport } as ConstructorParameters<typeof DtlsClient>[0];
    this.#socket =
      options.role === 'client'
        ? new DtlsClient(common)
        : new DtlsServer({ ...common, certificateRequest: true });
    this.#socket.onConnect.once(() => {
      this.#takeKeys();
    });
    options.tamper?.(this.#socket);
    options.ims.listen(options.port ?? 'rtp', (packet) => {
      if (isDtls(packet)) transport.onData(packet, ['127.0.0.1', 0]);
      else this.#take(packet);
    });
  }

  /** Of a client: says its hello. */
  begin(): void {
    if (this.#socket instanceof DtlsClient) this.#socket.connect().catch(() => undefined);
  }

  send(packet: Uint8Array): void {
    const sealed = this.#sender?.protectRtp(packet);
    if (sealed) this.sendRaw(sealed);
  }

  sendReport(compound: Uint8Array): void {
    const sealed = this.#sender?.protectRtcp(compound);
    if (sealed) this.sendRaw(sealed);
  }

  sendRaw(packet: Uint8Array): void {
    const { ims, node, port } = this.#options;
    if (port === 'rtcp') ims.sendRtcp(packet, node);
    else ims.send(packet, node);
  }

  close(): void {
    this.#socket.dtls.flight = BEYOND_LAST_FLIGHT;
  }

  #takeKeys(): void {
    const profile = this.#socket.srtp.srtpProfile === AES_CM ? AES_CM : GCM;
    const keys = this.#socket.extractSessionKeys(KEY_BYTES, SALT_BYTES[profile]);
    const ours = { profile, masterKey: keys.localKey, masterSalt: keys.localSalt };
    const theirs = { profile, masterKey: keys.remoteKey, masterSalt: keys.remoteSalt };
    this.#sender = new SrtpSender(nodeSrtpCrypto, ours);
    this.#receiver = new SrtpReceiver(nodeSrtpCrypto, theirs);
    this.isOpen = true;
  }

  #take(packet: Buffer): void {
    this.came.push(packet);
    const isReport = (packet[1] ?? 0) >= 192 && (packet[1] ?? 0) <= 223;
    const opened = isReport
      ? this.#receiver?.unprotectRtcp(packet)
      : this.#receiver?.unprotectRtp(packet);
    if (opened) this.heard.push(Buffer.from(opened));
  }
}

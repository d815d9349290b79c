import {
  Candidate,
  RTCDtlsFingerprint,
  RTCDtlsParameters,
  RTCDtlsTransport,
  RTCIceGatherer,
  RTCIceParameters,
  RTCIceTransport,
  RtcpSrPacket,
  RtpHeader,
} from 'werift';
import {
  type FeedbackMessage,
  readFeedback,
} from '../../media-node/src/core/media/rtcp-feedback.ts';
import { type ReceivedReport, readReports } from '../../media-node/src/core/media/rtcp-packet.ts';
import { readCandidate } from '../../media-node/src/core/sdp/candidate.ts';
import type { Fingerprints } from '../../media-node/src/core/sdp/fingerprint.ts';
import type {
  AccessNames,
  AccessParameters,
  RemoteAccessParameters,
} from '../../media-node/src/ports/media-plane.ts';

const AES_CM = 1;
const GCM = 7;

export interface BrowserOptions {
  /** Whether this side offers, and so controls ICE. */
  readonly offers: boolean;
  readonly srtpProfile?: typeof AES_CM | typeof GCM;
  /** The fingerprints it states; its own where absent. */
  readonly stated?: (own: string) => Fingerprints;
  /** Turns it into a hostile one; called before it says anything by DTLS. */
  readonly tamper?: (client: DtlsClient) => void;
}

/** What its types leave out. */
interface Sockets {
  readonly protocols: readonly {
    readonly onRequestReceived: { subscribe(listener: () => void): void };
  }[];
}

type RtcpPacket = Parameters<RTCDtlsTransport['sendRtcp']>[0][number];

export type DtlsClient = NonNullable<RTCDtlsTransport['dtls']>;

export interface HeardRtp {
  readonly payloadType: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
  readonly payload: string;
}

/** What a sender report says of a stream. */
export interface HeardClock {
  readonly ntpMs: number;
  readonly timestamp: number;
  readonly packets: number;
}

export interface SpokenRtp extends Omit<HeardRtp, 'timestamp'> {
  readonly timestamp?: number;
  readonly marker?: boolean;
  readonly csrc?: readonly number[];
}

/** A browser as the node sees one: full ICE, DTLS client, SRTP; by werift with its own socket. */
export class WeriftBrowser {
  readonly heard: HeardRtp[] = [];
  /** Packet types: 200 is a sender report. */
  readonly heardRtcp: number[] = [];
  readonly heardFeedback: FeedbackMessage[] = [];
  readonly heardReports: ReceivedReport[] = [];
  readonly heardClocks: HeardClock[] = [];
  /** Header extensions of each packet heard. */
  readonly extensions: { readonly id: number; readonly payload: readonly number[] }[][] = [];
  /** Every protected packet as it left. */
  readonly sent: Buffer[] = [];
  /** Everything that came and is no STUN. */
  readonly received: Buffer[] = [];
  /** Protects packets without sending them. */
  isHolding = false;
  /** Connectivity checks of the node. */
  checksHeard = 0;
  readonly #restarted: RTCIceTransport[] = [];
  readonly #options: BrowserOptions;
  readonly #ice: RTCIceTransport;
  /** Over the network it is in now. */
  #send: (data: Buffer) => Promise<void>;
  readonly #dtls: RTCDtlsTransport;

  private constructor(options: BrowserOptions, ice: RTCIceTransport, dtls: RTCDtlsTransport) {
    this.#options = options;
    this.#ice = ice;
    this.#dtls = dtls;
    const { connection } = ice;
    this.#send = connection.send.bind(connection);
    connection.send = (data) => {
      this.sent.push(data);
      return this.isHolding ? Promise.resolve() : this.#send(data);
    };
    connection.onData.subscribe((data) => {
      this.received.push(data);
    });
    for (const protocol of (connection as unknown as Sockets).protocols) {
      protocol.onRequestReceived.subscribe(() => {
        this.checksHeard += 1;
      });
    }
    dtls.onRtp.subscribe(({ header, payload }) => {
      this.extensions.push(
        header.extensions.map(({ id, payload: content }) => ({ id, payload: [...content] })),
      );
      const { payloadType, sequenceNumber: sequence, timestamp, ssrc } = header;
      this.heard.push({ payloadType, sequence, timestamp, ssrc, payload: payload.toString() });
    });
    dtls.onRtcp.subscribe((packet) => {
      const compound = packet.serialize();
      this.heardRtcp.push(packet.type);
      this.heardFeedback.push(...readFeedback(compound));
      this.heardReports.push(...readReports(compound));
      if (packet instanceof RtcpSrPacket) this.heardClocks.push(clockIn(packet));
    });
  }

  static async open(options: BrowserOptions): Promise<WeriftBrowser> {
    const certificate = await RTCDtlsTransport.SetupCertificate();
    const ice = await openIce(options.offers);
    const dtls = new RTCDtlsTransport({}, ice, certificate, [options.srtpProfile ?? GCM]);
    dtls.role = 'client';
    return new WeriftBrowser(options, ice, dtls);
  }

  get parameters(): RemoteAccessParameters {
    const { usernameFragment, password } = this.#ice.localParameters;
    const own = this.#dtls.localParameters.fingerprints[0]?.value ?? '';
    const { stated = (value) => ({ algorithm: 'sha-256', values: [value] }) } = this.#options;
    return {
      usernameFragment,
      password,
      fingerprints: stated(own),
      weControl: !this.#options.offers,
    };
  }

  get candidates(): readonly string[] {
    return candidatesOf(this.#ice);
  }

  /** Resolves when DTLS is done, rejects when it fails. */
  async connect(node: AccessParameters): Promise<void> {
    const { fingerprint } = node;
    await name(this.#ice, node);
    const fingerprints = [new RTCDtlsFingerprint('sha-256', fingerprint)];
    this.#dtls.setRemoteParams(new RTCDtlsParameters(fingerprints, 'server'));
    await this.#ice.start();
    const handshake = this.#dtls.start();
    // It exists by now and is silent for another 100 ms.
    if (this.#dtls.dtls) this.#options.tamper?.(this.#dtls.dtls);
    await handshake;
  }

  /** Another network: a socket of its own, and new names. `leave`: the one before is gone. */
  async prepareRestart(): Promise<Restart> {
    const [before, next] = [this.#ice, await openIce(this.#options.offers)];
    const { usernameFragment, password } = next.localParameters;
    this.#restarted.push(next);
    return {
      names: { usernameFragment, password },
      candidates: candidatesOf(next),
      leave: () => before.connection.close(),
      /** Resolves when a pair of the new session is nominated; it is sent over from then on. */
      connect: async (node) => {
        await name(next, node);
        next.connection.onData.subscribe((data) => {
          before.connection.onData.execute(data);
        });
        await next.start();
        this.#send = next.connection.send.bind(next.connection);
      },
    };
  }

  /** Over another socket of the same session from now on; the one before is gone. */
  async moveTo(way: OtherSocket): Promise<void> {
    const { connection } = this.#ice;
    way.onHeard = (packet) => {
      connection.onData.execute(packet);
    };
    this.#send = (data) => {
      way.send(data);
      return Promise.resolve();
    };
    await connection.close();
  }

  sendRtp(rtp: SpokenRtp): Promise<unknown> {
    const { csrc = [], marker = false } = rtp;
    const header = new RtpHeader({
      marker,
      csrc: [...csrc],
      csrcLength: csrc.length,
      payloadType: rtp.payloadType,
      sequenceNumber: rtp.sequence,
      timestamp: rtp.timestamp ?? rtp.sequence * 160,
      ssrc: rtp.ssrc,
    });
    return this.#dtls.sendRtp(Buffer.from(rtp.payload), header);
  }

  /** A compound packet as it is, protected. */
  async sendRtcp(compound: Uint8Array): Promise<void> {
    const packet = { serialize: () => Buffer.from(compound) };
    await this.#dtls.sendRtcp([packet as RtcpPacket]);
  }

  /** Sends bytes as they are from the connected socket. */
  async sendRaw(packet: Buffer): Promise<void> {
    await this.#ice.connection.send(packet);
  }

  /** Falls silent: no media, no answer to any check. */
  async vanish(): Promise<void> {
    // Otherwise a handshake that was not over is repeated for half a minute.
    const handshake = this.#dtls.dtls?.dtls;
    if (handshake) handshake.flight = 99;
    await this.#dtls.stop();
    for (const ice of this.#restarted) await ice.stop();
  }
}

function clockIn({ senderInfo }: RtcpSrPacket): HeardClock {
  const { ntpTimestamp, packetCount: packets, rtpTimestamp: timestamp } = senderInfo;
  return { ntpMs: Number((ntpTimestamp * 1000n) >> 32n), timestamp, packets };
}

/** Of the browser, within the same ICE session. */
export interface OtherSocket {
  onHeard: (packet: Buffer) => void;
  send(packet: Uint8Array): void;
}

export interface Restart {
  readonly names: AccessNames;
  readonly candidates: readonly string[];
  readonly leave: () => Promise<void>;
  readonly connect: (node: AccessParameters) => Promise<void>;
}

async function openIce(isControlling: boolean): Promise<RTCIceTransport> {
  const gatherer = new RTCIceGatherer({
    useIpv4: false,
    useIpv6: false,
    additionalHostAddresses: ['127.0.0.1'],
  });
  delete gatherer.connection.stunServer;
  await gatherer.gather();
  gatherer.connection.iceControlling = isControlling;
  return new RTCIceTransport(gatherer);
}

const candidatesOf = (ice: RTCIceTransport): readonly string[] =>
  ice.connection.localCandidates.map((it) => `candidate:${it.toSdp()}`);

async function name(ice: RTCIceTransport, node: AccessParameters): Promise<void> {
  const { usernameFragment, password, isLite: iceLite = false } = node;
  ice.setRemoteParams(new RTCIceParameters({ usernameFragment, password, iceLite }));
  for (const { address, port } of node.candidates.flatMap((line) => readCandidate(line) ?? [])) {
    const candidate = new Candidate('1', 1, 'udp', 2_130_706_431, address, port, 'host');
    await ice.connection.addRemoteCandidate(candidate);
  }
}

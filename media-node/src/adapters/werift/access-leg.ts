import { randomBytes } from 'node:crypto';
import {
  type RTCCertificate,
  RTCDtlsFingerprint,
  RTCDtlsParameters,
  RTCDtlsTransport,
  RTCIceGatherer,
  RTCIceParameters,
  RTCIceTransport,
  Candidate as WeriftCandidate,
} from 'werift';
import { Consent } from '../../core/media/consent.ts';
import { handshakeRecords } from '../../core/media/dtls-record.ts';
import type { HandshakeGuard } from '../../core/media/handshake-guard.ts';
import { PacketBudget } from '../../core/media/packet-budget.ts';
import {
  SRTP_AEAD_AES_128_GCM,
  SRTP_AES128_CM_HMAC_SHA1_80,
} from '../../core/media/srtp-crypto.ts';
import { SrtpReceiver, SrtpSender } from '../../core/media/srtp-session.ts';
import { readStun, type StunMessage } from '../../core/media/stun-message.ts';
import type { Candidate } from '../../core/sdp/candidate.ts';
import { writeHostCandidate } from '../../core/sdp/candidate.ts';
import type { Clock } from '../../ports/clock.ts';
import type { AccessParameters, RemoteAccessParameters } from '../../ports/media-plane.ts';
import type { BrowserPort, Endpoint, PortTenant } from './browser-port.ts';
import { CallTransport, gatherOn } from './call-transport.ts';
import { DtlsIntake } from './dtls-intake.ts';
import { nodeSrtpCrypto } from './node-srtp-crypto.ts';
import { guardHandshake } from './werift-dtls-corrections.ts';

export interface AccessLegSink {
  readonly onIceConnected: () => void;
  readonly onConnected: () => void;
  readonly onFailed: (reason: string) => void;
  readonly onConsentLost: () => void;
  /** Authentic, decrypted, never seen before. */
  readonly onPacket: (packet: Uint8Array, kind: 'rtp' | 'rtcp') => void;
  readonly onDropped: () => void;
}

export interface AccessLegDeps {
  readonly port: BrowserPort;
  readonly clock: Clock;
  readonly certificate: RTCCertificate;
  readonly sink: AccessLegSink;
}

export interface AccessLegOptions {
  readonly announcedAddress: string;
  readonly consentExpiryMs: number;
  readonly maxPacketsPerS: number;
}

interface Srtp {
  readonly receiver: SrtpReceiver;
  readonly sender: SrtpSender;
}

/** One second of audio and its RTCP; what came before the keys is played, not lost. */
const MAX_HELD = 64;

/** werift repeats a flight for half a minute after a close, unless it is past it. */
const BEYOND_LAST_FLIGHT = 99;

/**
 * werift's own fragment has 16 random bits, too few for calls that share a port, and its password
 * 88 where RFC 8445 §5.3 asks for 128. Base64 is the alphabet of both (RFC 8839 §5.4).
 */
function nameOurselves(connection: RTCIceGatherer['connection']): void {
  connection.localUsername = randomBytes(6).toString('base64');
  connection.localPassword = randomBytes(18).toString('base64');
}

/** ICE and DTLS of one call by werift, consent and SRTP by ourselves. */
export class AccessLeg implements PortTenant {
  readonly #deps: AccessLegDeps;
  readonly #transport: CallTransport;
  readonly #gatherer: RTCIceGatherer;
  readonly #ice: RTCIceTransport;
  readonly #dtls: RTCDtlsTransport;
  readonly #consent: Consent;
  readonly #budget: PacketBudget;
  readonly #announced: Endpoint;
  #remote: RemoteAccessParameters | undefined;
  #phase: 'new' | 'connecting' | 'handshaking' | 'open' | 'failed' | 'closed' = 'new';
  #mayStillSend = false;
  #srtp: Srtp | undefined;
  readonly #intake: DtlsIntake;
  #heldMedia: (readonly [Uint8Array, 'rtp' | 'rtcp'])[] = [];
  #stopConsentTimer: () => void = () => undefined;

  constructor(deps: AccessLegDeps, options: AccessLegOptions) {
    this.#deps = deps;
    this.#announced = { address: options.announcedAddress, port: deps.port.port };
    this.#consent = new Consent(options.consentExpiryMs);
    this.#budget = new PacketBudget(options.maxPacketsPerS, deps.clock.nowMs());
    this.#transport = new CallTransport(this.#announced, (packet, to) => {
      this.#sendForWerift(packet, to);
    });
    this.#intake = new DtlsIntake((records, from) => {
      this.#transport.deliver(records, from);
    });
    this.#gatherer = new RTCIceGatherer({
      useIpv4: false,
      useIpv6: false,
      additionalHostAddresses: [options.announcedAddress],
    });
    // Left alone, werift asks a public server for our address.
    delete this.#gatherer.connection.stunServer;
    nameOurselves(this.#gatherer.connection);
    // Who checks before `connect` answers an offer of ours, so we control (RFC 8445 §6.1.1); werift
    // would begin as controlled and drive a browser that trickles into a role conflict.
    this.#gatherer.connection.iceControlling = true;
    this.#ice = new RTCIceTransport(this.#gatherer);
    const profiles = [SRTP_AEAD_AES_128_GCM, SRTP_AES128_CM_HMAC_SHA1_80] as const;
    this.#dtls = new RTCDtlsTransport({}, this.#ice, deps.certificate, [...profiles]);
    this.#dtls.role = 'server';
  }

  async open(): Promise<void> {
    await gatherOn(this.#transport, () => this.#gatherer.gather());
    this.#deps.port.admit(this);
  }

  get usernameFragment(): string {
    return this.#gatherer.connection.localUsername;
  }

  get password(): string {
    return this.#gatherer.connection.localPassword;
  }

  get remotePassword(): string | undefined {
    return this.#remote?.password;
  }

  get parameters(): AccessParameters {
    const fingerprint = this.#deps.certificate.getFingerprints()[0]?.value ?? '';
    return {
      usernameFragment: this.usernameFragment,
      password: this.password,
      fingerprint: fingerprint.toUpperCase(),
      candidates: [writeHostCandidate(this.#announced.address, this.#announced.port)],
    };
  }

  /** Starts once; the same description again changes nothing. */
  connect(remote: RemoteAccessParameters): void {
    if (this.#phase !== 'new') return;
    this.#phase = 'connecting';
    this.#remote = remote;
    this.#gatherer.connection.iceControlling = remote.weControl ?? false;
    const { usernameFragment, password } = remote;
    this.#ice.setRemoteParams(new RTCIceParameters({ usernameFragment, password, iceLite: false }));
    const { algorithm, value } = remote.fingerprint;
    const fingerprints = [new RTCDtlsFingerprint(algorithm, value)];
    this.#dtls.setRemoteParams(new RTCDtlsParameters(fingerprints, 'client'));
    this.#establish(remote).catch((cause: unknown) => {
      if (this.#phase === 'closed') return;
      this.#phase = 'failed';
      this.#mayStillSend = false;
      this.#endHandshake();
      this.#deps.sink.onFailed(cause instanceof Error ? cause.message : String(cause));
    });
  }

  addCandidate({ foundation, priority, address, port, type }: Candidate): void {
    const candidate = new WeriftCandidate(foundation, 1, 'udp', priority, address, port, type);
    // It resolves at once for an address and does not reject.
    void this.#gatherer.connection.addRemoteCandidate(candidate);
  }

  /** The packet as it left; `undefined` where nothing may be sent: no keys yet, or consent is gone. */
  send(packet: Uint8Array, kind: 'rtp' | 'rtcp'): Uint8Array | undefined {
    if (!(this.#srtp && this.#mayStillSend)) return undefined;
    const { sender } = this.#srtp;
    const sealed = kind === 'rtp' ? sender.protectRtp(packet) : sender.protectRtcp(packet);
    return sealed && this.resend(sealed) ? sealed : undefined;
  }

  /** As it left before: nothing is protected twice. */
  resend(sealed: Uint8Array): boolean {
    const to = this.#gatherer.connection.nominated?.remoteAddr;
    if (!(to && this.#mayStillSend)) return false;
    this.#deps.port.send(sealed, { address: to[0], port: to[1] }, this);
    return true;
  }

  async close(): Promise<void> {
    this.#phase = 'closed';
    this.#mayStillSend = false;
    this.#stopConsentTimer();
    this.#deps.port.dismiss(this);
    this.#endHandshake();
    await this.#dtls.stop();
  }

  onStun(packet: Uint8Array, message: StunMessage, from: Endpoint): void {
    if (message.class === 'success') {
      this.#consent.responseReceived(message.transaction, this.#deps.clock.nowMs());
      this.#intake.validated(from);
    }
    this.#transport.deliver(packet, from);
  }

  onDtls(packet: Uint8Array, from: Endpoint): void {
    if (this.#isOverBudget()) return;
    const records = handshakeRecords(packet, this.#phase === 'open');
    if (records.length < packet.length) this.#deps.sink.onDropped();
    if (records.length === 0) return;
    this.#intake.take(records, from);
  }

  onMedia(packet: Uint8Array, kind: 'rtp' | 'rtcp'): void {
    if (this.#isOverBudget()) return;
    this.#take(packet, kind);
  }

  #isOverBudget(): boolean {
    const isOver = !this.#budget.take(this.#deps.clock.nowMs());
    if (isOver) this.#deps.sink.onDropped();
    return isOver;
  }

  #take(packet: Uint8Array, kind: 'rtp' | 'rtcp'): void {
    if (!this.#srtp) {
      if (this.#heldMedia.length < MAX_HELD) this.#heldMedia.push([packet, kind]);
      else this.#deps.sink.onDropped();
      return;
    }
    const { receiver } = this.#srtp;
    const plain = kind === 'rtp' ? receiver.unprotectRtp(packet) : receiver.unprotectRtcp(packet);
    if (plain) this.#deps.sink.onPacket(plain, kind);
    else this.#deps.sink.onDropped();
  }

  #sendForWerift(packet: Uint8Array, to: Endpoint): void {
    const message = readStun(packet);
    if (message?.class === 'request') this.#consent.requestSent(message.transaction);
    this.#deps.port.send(packet, to, this);
  }

  #endHandshake(): void {
    this.#intake.close();
    const handshake = this.#dtls.dtls?.dtls;
    if (handshake) handshake.flight = BEYOND_LAST_FLIGHT;
  }

  async #establish({ fingerprint }: RemoteAccessParameters): Promise<void> {
    await this.#ice.start();
    this.#mayStillSend = true;
    this.#watchConsent();
    this.#phase = 'handshaking';
    this.#deps.sink.onIceConnected();
    const handshake = this.#dtls.start();
    const guard = this.#guard(fingerprint);
    // The server listens from its first turn on.
    this.#intake.open();
    await handshake;
    if (!guard?.isProven) throw new Error('key possession not proven');
    this.#phase = 'open';
    this.#installKeys();
    this.#deps.sink.onConnected();
    for (const [packet, kind] of this.#heldMedia.splice(0)) this.#take(packet, kind);
  }

  #guard(fingerprint: RemoteAccessParameters['fingerprint']): HandshakeGuard | undefined {
    const server = this.#dtls.dtls;
    return server && guardHandshake(server, fingerprint, this.#deps.sink.onDropped);
  }

  #installKeys(): void {
    const { profile, keys } = this.#dtls.srtp.config;
    const { localMasterKey, localMasterSalt, remoteMasterKey, remoteMasterSalt } = keys;
    const local = { profile, masterKey: localMasterKey, masterSalt: localMasterSalt };
    const remote = { profile, masterKey: remoteMasterKey, masterSalt: remoteMasterSalt };
    this.#srtp = {
      receiver: new SrtpReceiver(nodeSrtpCrypto, remote),
      sender: new SrtpSender(nodeSrtpCrypto, local),
    };
  }

  #watchConsent(): void {
    const { clock, sink } = this.#deps;
    const remainingMs = this.#consent.remainingMs(clock.nowMs());
    if (remainingMs > 0) {
      this.#stopConsentTimer = clock.after(remainingMs, () => {
        this.#watchConsent();
      });
      return;
    }
    this.#mayStillSend = false;
    sink.onConsentLost();
  }
}

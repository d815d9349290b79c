import {
  type RTCCertificate,
  RTCDtlsFingerprint,
  RTCDtlsParameters,
  RTCDtlsTransport,
} from 'werift';
import { handshakeRecords } from '../../core/media/dtls-record.ts';
import type { HandshakeGuard } from '../../core/media/handshake-guard.ts';
import { PacketBudget } from '../../core/media/packet-budget.ts';
import {
  SRTP_AEAD_AES_128_GCM,
  SRTP_AES128_CM_HMAC_SHA1_80,
} from '../../core/media/srtp-crypto.ts';
import type { Candidate } from '../../core/sdp/candidate.ts';
import { writeHostCandidate } from '../../core/sdp/candidate.ts';
import type { Fingerprints } from '../../core/sdp/fingerprint.ts';
import type { Clock } from '../../ports/clock.ts';
import type {
  AccessNames,
  AccessParameters,
  RemoteAccessParameters,
} from '../../ports/media-plane.ts';
import { isSameName } from '../media/access-names.ts';
import { type AccessSrtp, srtpUnderKeysOf } from './access-keys.ts';
import type { BrowserPort, Endpoint } from './browser-port.ts';
import { DtlsIntake } from './dtls-intake.ts';
import { type FromBrowser, IceSession } from './ice-session.ts';
import { guardHandshake } from './werift-dtls-corrections.ts';

export interface AccessLegSink {
  readonly onIceConnected: () => void;
  readonly onConnected: () => void;
  readonly onFailed: (reason: string) => void;
  readonly onConsentLost: () => void;
  readonly onConsentRestored: () => void;
  /** A restart has found another way. */
  readonly onMoved: () => void;
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
  /** Candidates of other ways to the same port. */
  readonly byTcp: readonly string[];
  readonly consentExpiryMs: number;
  readonly maxPacketsPerS: number;
  readonly isLite: boolean;
}

/** One second of audio and its RTCP; what came before the keys is played, not lost. */
const MAX_HELD = 64;

/** werift repeats a flight for half a minute after a close, unless it is past it. */
const BEYOND_LAST_FLIGHT = 99;

/** The way to one browser: ICE and DTLS by werift, consent and SRTP by ourselves. */
export class AccessLeg {
  readonly #deps: AccessLegDeps;
  readonly #options: AccessLegOptions;
  readonly #dtls: RTCDtlsTransport;
  readonly #budget: PacketBudget;
  readonly #announced: Endpoint;
  /** What media goes over. */
  #session: IceSession;
  /** Of a restart, until a pair of its own is nominated. */
  #next: IceSession | undefined;
  /** Before the last restart. */
  #former: IceSession | undefined;
  #phase: 'new' | 'connecting' | 'handshaking' | 'open' | 'failed' | 'closed' = 'new';
  #mayStillSend = false;
  #srtp: AccessSrtp | undefined;
  readonly #intake: DtlsIntake;
  #heldMedia: (readonly [Uint8Array, 'rtp' | 'rtcp'])[] = [];
  #stopConsentTimer: () => void = () => undefined;

  constructor(deps: AccessLegDeps, options: AccessLegOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#announced = { address: options.announcedAddress, port: deps.port.port };
    this.#budget = new PacketBudget(options.maxPacketsPerS, deps.clock.nowMs());
    const first = this.#newSession();
    this.#session = first;
    this.#intake = new DtlsIntake((records, from) => {
      // The one that werift's DTLS reads from.
      first.deliver(records, from);
    });
    const profiles = [SRTP_AEAD_AES_128_GCM, SRTP_AES128_CM_HMAC_SHA1_80] as const;
    this.#dtls = new RTCDtlsTransport({}, first.ice, deps.certificate, [...profiles]);
    this.#dtls.role = 'server';
  }

  async open(): Promise<void> {
    // Who checks before `connect` answers an offer of ours, so we control (RFC 8445 §6.1.1); werift
    // would begin as controlled and drive a browser that trickles into a role conflict.
    await this.#session.open(true);
  }

  get parameters(): AccessParameters {
    const fingerprint = this.#deps.certificate.getFingerprints()[0]?.value ?? '';
    const { usernameFragment, password } = this.#newest;
    const { address, port } = this.#announced;
    return {
      usernameFragment,
      password,
      fingerprint: fingerprint.toUpperCase(),
      candidates: [writeHostCandidate(address, port), ...this.#options.byTcp],
      isLite: this.#options.isLite,
    };
  }

  /** Starts once; the same description again changes nothing. */
  connect(remote: RemoteAccessParameters): void {
    if (this.#phase !== 'new') return;
    this.#phase = 'connecting';
    this.#session.isControlling = remote.weControl ?? false;
    const { algorithm, values } = remote.fingerprints;
    const named = values.map((value) => new RTCDtlsFingerprint(algorithm, value));
    this.#dtls.setRemoteParams(new RTCDtlsParameters(named, 'client'));
    this.#establish(remote).catch((cause: unknown) => {
      if (this.#phase === 'closed') return;
      this.#phase = 'failed';
      this.#mayStillSend = false;
      this.#endHandshake();
      this.#deps.sink.onFailed(cause instanceof Error ? cause.message : String(cause));
    });
  }

  /** See `MediaCall.restartAccess`. */
  restart(theirs: AccessNames): AccessParameters | undefined {
    if (this.#phase !== 'open') return undefined;
    if (isSameName(theirs, this.#newest.theirs)) return this.parameters;
    const { isControlling } = this.#session;
    this.#end(this.#next);
    this.#end(this.#former);
    this.#former = undefined;
    const next = this.#newSession();
    this.#next = next;
    next.name(theirs);
    // Each keeps its role (RFC 8445 §6.1.1).
    next
      .open(isControlling)
      .then(() => next.connect(theirs))
      .then(
        () => {
          this.#moveTo(next);
        },
        // It was replaced or closed before it found a way; the old pair is judged by its consent.
        () => undefined,
      );
    return this.parameters;
  }

  addCandidate(candidate: Candidate): void {
    this.#newest.addCandidate(candidate);
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
    const to = this.#session.remote;
    if (!(to && this.#mayStillSend)) return false;
    this.#deps.port.send(sealed, to, this.#session);
    return true;
  }

  async close(): Promise<void> {
    this.#phase = 'closed';
    this.#mayStillSend = false;
    this.#stopConsentTimer();
    this.#endHandshake();
    this.#end(this.#next);
    this.#end(this.#former);
    await this.#session.close();
    await this.#dtls.stop();
  }

  get #newest(): IceSession {
    return this.#next ?? this.#session;
  }

  #newSession(): IceSession {
    const { port, clock } = this.#deps;
    const { consentExpiryMs, isLite } = this.#options;
    const announced = this.#announced;
    const deps = { port, clock, sink: this.#fromBrowser };
    return new IceSession(deps, { announced, consentExpiryMs, isLite });
  }

  #end(session: IceSession | undefined): void {
    // It fails only where it is closed already.
    session?.close().catch(() => undefined);
  }

  #moveTo(next: IceSession): void {
    if (this.#next !== next || this.#phase !== 'open') return;
    this.#former = this.#session;
    this.#session = next;
    this.#next = undefined;
    this.#former.retire().catch(() => undefined);
    this.#stopConsentTimer();
    const wasLost = !this.#mayStillSend;
    this.#mayStillSend = true;
    if (wasLost) this.#deps.sink.onConsentRestored();
    this.#deps.sink.onMoved();
    this.#watchConsent();
  }

  readonly #fromBrowser: FromBrowser = {
    onValidated: (from) => {
      this.#intake.validated(from);
    },
    onDtls: (packet, from) => {
      if (this.#isOverBudget()) return;
      const records = handshakeRecords(packet, this.#phase === 'open');
      if (records.length < packet.length) this.#deps.sink.onDropped();
      if (records.length > 0) this.#intake.take(records, from);
    },
    onMedia: (packet, kind) => {
      if (!this.#isOverBudget()) this.#take(packet, kind);
    },
  };

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

  #endHandshake(): void {
    this.#intake.close();
    const handshake = this.#dtls.dtls?.dtls;
    if (handshake) handshake.flight = BEYOND_LAST_FLIGHT;
  }

  async #establish({ fingerprints, ...theirs }: RemoteAccessParameters): Promise<void> {
    await this.#session.connect(theirs);
    this.#mayStillSend = true;
    this.#watchConsent();
    this.#phase = 'handshaking';
    this.#deps.sink.onIceConnected();
    const handshake = this.#dtls.start();
    const guard = this.#guard(fingerprints);
    // The server listens from its first turn on.
    this.#intake.open();
    await handshake;
    if (!guard?.isProven) throw new Error('key possession not proven');
    this.#phase = 'open';
    this.#srtp = srtpUnderKeysOf(this.#dtls);
    this.#deps.sink.onConnected();
    for (const [packet, kind] of this.#heldMedia.splice(0)) this.#take(packet, kind);
  }

  #guard(fingerprints: Fingerprints): HandshakeGuard | undefined {
    const { clock, sink } = this.#deps;
    const { onDropped } = sink;
    return this.#dtls.dtls && guardHandshake(this.#dtls.dtls, fingerprints, { clock, onDropped });
  }

  #watchConsent(): void {
    const { clock, sink } = this.#deps;
    const remainingMs = this.#session.consentMs;
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

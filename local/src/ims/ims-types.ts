import type { Clock } from './clock.ts';

/** One IMS subscription as the HSS holds it. */
export interface ImsSubscriber {
  readonly domain: string;
  /** Private identity: the user name of SIP Digest. */
  readonly impi: string;
  readonly password: string;
  /**
   * The implicit registration set; the first is the default identity. Entries may be wildcarded
   * (`sip:web!.*!@demo.example`, 3GPP TS 23.003 §13.4B).
   */
  readonly impus: readonly string[];
  /** Those of `impus` that may register but neither call nor be called. */
  readonly barred?: readonly string[];
}

export interface ImsLog {
  debug(message: string, facts?: Readonly<Record<string, unknown>>): void;
  info(message: string, facts?: Readonly<Record<string, unknown>>): void;
  warn(message: string, facts?: Readonly<Record<string, unknown>>): void;
}

export interface ImsSimulatorOptions {
  readonly host: string;
  /** 0 or absent: a free one. */
  readonly sipPort?: number;
  readonly domains: readonly string[];
  readonly subscribers: readonly ImsSubscriber[];
  readonly log: ImsLog;
  /** A shorter Expires is refused with 423; 60 unless told. */
  readonly minExpiresS?: number;
  /** Takes `Require: gin` (RFC 6140); refused with 420 where absent. */
  readonly bulkRegistration?: boolean;
  readonly digestAlgorithm?: 'MD5' | 'SHA-256';
  readonly clock?: Clock;
}

export interface RegistrationReport {
  readonly impi: string;
  readonly defaultImpu: string;
  readonly contact: string;
  readonly transport: 'TCP' | 'UDP';
  readonly flow: string;
  readonly expiresAtMs: number;
}

export interface CallReport {
  readonly service: string;
  readonly callId: string;
  /** The other party as the network asserts it. */
  readonly peer: string;
  readonly direction: 'incoming' | 'outgoing';
  readonly state: 'ringing' | 'established' | 'ended';
  readonly end?: string;
  readonly codec?: string;
  readonly packetsReceived: number;
  readonly packetsSent: number;
  /** Packets whose sound is louder than silence; of unknown codecs, those longer than comfort noise. */
  readonly speechPackets: number;
  readonly rtcpReceived: number;
  /** Packets of a picture that were sent back; only of services that have video. */
  readonly videoPackets?: number;
  /** What came as telephone-events (RFC 4733). */
  readonly digits: string;
}

export interface TraceEntry {
  readonly atMs: number;
  readonly direction: 'in' | 'out';
  readonly flow: string;
  /** The message without digest responses. */
  readonly text: string;
}

/** An operator that ends the registration of a subscriber (RFC 3680 §5.3). */
export interface Deregistration {
  readonly event: 'deactivated' | 'probation' | 'rejected' | 'unregistered' | 'expired';
  /** With `probation`. */
  readonly retryAfterS?: number;
}

export interface ImsSimulator {
  /** The same number for TCP and UDP. */
  readonly sipPort: number;
  readonly services: readonly { readonly number: string; readonly what: string }[];
  registrations(): readonly RegistrationReport[];
  calls(): readonly CallReport[];
  trace(): readonly TraceEntry[];
  /** The next `times` requests of that method are lost on the way in. */
  dropNext(method: string, times?: number): void;
  /** The core forgets a subscriber without a word, as after a restart. */
  terminateRegistration(impi: string): void;
  /** The operator ends whatever is registered of the subscriber with this identity, and says so. */
  deregister(impu: string, why: Deregistration): void;
  close(): Promise<void>;
}

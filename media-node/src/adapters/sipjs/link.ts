import type { TargetIdentity } from '../../core/pcscf/targets.ts';
import type { Frame } from './frame.ts';

/** As a Via names it. */
export type Protocol = 'TCP' | 'TLS' | 'UDP';

/** Whoever answered is not the P-CSCF, as far as its certificate shows. */
export class UntrustedPeerError extends Error {}

/** One socket toward a P-CSCF. */
export interface Link {
  readonly protocol: Protocol;
  readonly localPort: number;
  send(text: string): void;
  /** CRLF keep-alive (RFC 5626 §4.4.1; over UDP only to hold a binding open). */
  ping(): void;
  /** STUN keep-alive (RFC 5626 §4.4.2), answered as a pong; only over UDP. */
  probe?(onUnanswered: () => void): void;
  close(): void;
}

export interface LinkEvents {
  readonly onFrame: (frame: Frame) => void;
  readonly onPong: (kind: 'crlf' | 'stun') => void;
  /** Not after `close`. */
  readonly onLost: (reason: string) => void;
  /** Bytes from elsewhere, or that are no message; then with what can be read of its head. */
  readonly onDropped: (reason: 'stranger' | 'malformed', head?: string) => void;
}

export interface LinkOptions {
  readonly pcscf: {
    readonly address: string;
    readonly port: number;
    readonly identity: TargetIdentity;
  };
  readonly bindAddress: string;
  /** Any where absent. */
  readonly localPort?: number;
}

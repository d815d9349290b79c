import type { SrtpReceiver, SrtpSender } from '../../core/media/srtp-session.ts';
import type { ImsDtls } from '../../ports/media-plane.ts';

/** SRTP under the keys of a handshake. */
export interface HandshakeKeys {
  readonly sender: SrtpSender;
  readonly receiver: SrtpReceiver;
}

export interface HandshakeSink {
  readonly send: (datagram: Uint8Array) => void;
  /** Once: the peer has proven who it is. */
  readonly onKeys: (keys: HandshakeKeys) => void;
  readonly onFailed: (reason: string) => void;
  readonly onDropped: () => void;
}

/** One DTLS association on one port. */
export interface PortHandshake {
  take(datagram: Uint8Array): void;
  close(): void;
}

export type StartHandshake = (dtls: ImsDtls, sink: HandshakeSink) => PortHandshake;

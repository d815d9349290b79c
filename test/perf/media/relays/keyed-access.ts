import type {
  AccessLegDeps,
  AccessLegSink,
} from '../../../../media-node/src/adapters/werift/access-leg.ts';
import type {
  Endpoint,
  PortTenant,
} from '../../../../media-node/src/adapters/werift/browser-port.ts';
import { nodeSrtpCrypto } from '../../../../media-node/src/adapters/werift/node-srtp-crypto.ts';
import type { AccessSide } from '../../../../media-node/src/adapters/werift/portable-media-call.ts';
import { PacketBudget } from '../../../../media-node/src/core/media/packet-budget.ts';
import { SRTP_AES128_CM_HMAC_SHA1_80 } from '../../../../media-node/src/core/media/srtp-crypto.ts';
import { SrtpReceiver, SrtpSender } from '../../../../media-node/src/core/media/srtp-session.ts';
import type { StunMessage } from '../../../../media-node/src/core/media/stun-message.ts';
import { GENERATOR_KEY, RELAY_KEY } from '../keys.ts';

const KEY_BYTES = 16;

function keysOf(hex: string) {
  const master = Buffer.from(hex, 'hex');
  const profile = SRTP_AES128_CM_HMAC_SHA1_80;
  return {
    profile,
    masterKey: master.subarray(0, KEY_BYTES),
    masterSalt: master.subarray(KEY_BYTES),
  };
}

let opened = 0;

/** An access leg whose ICE and DTLS are done: what of it each packet passes, and no more. */
export class KeyedAccess implements PortTenant, AccessSide {
  readonly usernameFragment: string;
  readonly password = 'a-password-of-the-bench-1';
  readonly remotePassword = undefined;
  readonly parameters;
  readonly #deps: Omit<AccessLegDeps, 'certificate'>;
  readonly #sink: AccessLegSink;
  readonly #budget: PacketBudget;
  readonly #receiver = new SrtpReceiver(nodeSrtpCrypto, keysOf(GENERATOR_KEY));
  readonly #sender = new SrtpSender(nodeSrtpCrypto, keysOf(RELAY_KEY));
  readonly #proven = Promise.withResolvers<void>();
  #peer: Endpoint | undefined;

  constructor(deps: Omit<AccessLegDeps, 'certificate'>, maxPacketsPerS: number) {
    opened += 1;
    this.usernameFragment = `bench${String(opened)}`;
    const { usernameFragment, password } = this;
    this.parameters = { usernameFragment, password, fingerprint: '', candidates: [] };
    this.#deps = deps;
    this.#sink = deps.sink;
    this.#budget = new PacketBudget(maxPacketsPerS, deps.clock.nowMs());
    deps.port.admit(this);
  }

  /** Resolves when a signed check has come. */
  get proven(): Promise<void> {
    return this.#proven.promise;
  }

  onStun(_packet: Uint8Array, _message: StunMessage, from: Endpoint): void {
    this.#peer = from;
    this.#proven.resolve();
  }

  onDtls(): void {
    this.#sink.onDropped();
  }

  onMedia(packet: Uint8Array, kind: 'rtp' | 'rtcp'): void {
    if (!this.#budget.take(this.#deps.clock.nowMs())) {
      this.#sink.onDropped();
      return;
    }
    const receiver = this.#receiver;
    const plain = kind === 'rtp' ? receiver.unprotectRtp(packet) : receiver.unprotectRtcp(packet);
    if (plain) this.#sink.onPacket(plain, kind);
    else this.#sink.onDropped();
  }

  send(packet: Uint8Array, kind: 'rtp' | 'rtcp'): Uint8Array | undefined {
    const sender = this.#sender;
    const sealed = kind === 'rtp' ? sender.protectRtp(packet) : sender.protectRtcp(packet);
    return sealed && this.resend(sealed) ? sealed : undefined;
  }

  resend(sealed: Uint8Array): boolean {
    if (!this.#peer) return false;
    this.#deps.port.send(sealed, this.#peer, this);
    return true;
  }

  connect(): void {
    this.#proven.resolve();
  }

  restart(): undefined {
    return undefined;
  }

  addCandidate(): void {
    this.#proven.resolve();
  }

  close(): Promise<void> {
    this.#deps.port.dismiss(this);
    return Promise.resolve();
  }
}

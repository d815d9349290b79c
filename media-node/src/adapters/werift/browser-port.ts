import type { RemoteInfo } from 'node:dgram';
import { packetKind } from '../../core/media/packet-kind.ts';
import { readStun, type StunMessage } from '../../core/media/stun-message.ts';
import type { AddressPolicy } from '../../core/sdp/address-policy.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { TcpDoor } from '../ice-tcp/ice-tcp-door.ts';
import type { BrowsersPort } from '../ice-tcp/tcp-call.ts';
import { isAuthentic } from '../media/stun-integrity.ts';
import { bindUdp, type UdpSocket } from '../udp/udp-socket.ts';

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** One call as the shared port sees it. */
export interface PortTenant {
  readonly usernameFragment: string;
  readonly password: string;
  /** Known once the browser's description is; needed to believe an answer to our checks. */
  readonly remotePassword: string | undefined;
  /** Verified; werift sees nothing else. */
  onStun(packet: Uint8Array, message: StunMessage, from: Endpoint): void;
  onDtls(packet: Uint8Array, from: Endpoint): void;
  onMedia(packet: Uint8Array, kind: 'rtp' | 'rtcp'): void;
}

export interface BrowserPort {
  readonly port: number;
  admit(tenant: PortTenant): void;
  dismiss(tenant: PortTenant): void;
  /** It takes no more checks; what comes from the addresses it has proven is still its. */
  retire(tenant: PortTenant): void;
  send(packet: Uint8Array, to: Endpoint, from: PortTenant): void;
  close(): Promise<void>;
}

export interface BrowserPortDeps {
  readonly metrics: Metrics;
  readonly mayReach: AddressPolicy;
  /** Browsers by TCP come this way, where there is one. */
  readonly door?: TcpDoor | undefined;
  /** Checks are answered and none are sent. */
  readonly isLite?: boolean;
}

/** Checks of ours still unanswered, over all calls; the oldest is forgotten beyond this. */
const MAX_CHECKS = 16_384;
/** Addresses one browser may prove its check from: all its interfaces, twice. */
const MAX_ADDRESSES = 16;

export const keyOf = ({ address, port }: Endpoint): string => `${address} ${String(port)}`;

/** One announced UDP port for all browsers: told apart by verified ICE checks, then by 5-tuple. */
class SharedBrowserPort implements BrowserPort, BrowsersPort {
  readonly #deps: BrowserPortDeps;
  readonly #byFragment = new Map<string, PortTenant>();
  readonly #byAddress = new Map<string, PortTenant>();
  readonly #checks = new Map<string, PortTenant>();
  /** Addresses of our own that the door speaks from. */
  readonly #letIn = new Set<string>();
  #socket: UdpSocket | undefined;

  constructor(deps: BrowserPortDeps) {
    this.#deps = deps;
  }

  async open(binding: Endpoint): Promise<void> {
    const onPacket = (packet: Uint8Array, from: RemoteInfo): void => {
      this.#take(packet, from);
    };
    const onFault = (): void => {
      this.#drop('fault');
    };
    this.#socket = await bindUdp({ ...binding, onPacket, onFault });
  }

  get port(): number {
    return this.#socket?.port ?? 0;
  }

  admit(tenant: PortTenant): void {
    this.#byFragment.set(tenant.usernameFragment, tenant);
    this.#deps.door?.admit(tenant, this);
  }

  dismiss(tenant: PortTenant): void {
    this.retire(tenant);
    forget(this.#byAddress, tenant);
    this.#deps.door?.dismiss(tenant);
  }

  retire(tenant: PortTenant): void {
    this.#byFragment.delete(tenant.usernameFragment);
    forget(this.#checks, tenant);
    this.#deps.door?.retire(tenant);
  }

  letIn(source: Endpoint): void {
    this.#letIn.add(keyOf(source));
  }

  letOut(source: Endpoint): void {
    this.#letIn.delete(keyOf(source));
    this.#byAddress.delete(keyOf(source));
  }

  send(packet: Uint8Array, to: Endpoint, from: PortTenant): void {
    const message = packetKind(packet) === 'stun' ? readStun(packet) : undefined;
    if (message?.class === 'request') this.#expect(message.transaction, from);
    this.#socket?.send(packet, to.port, to.address);
  }

  async close(): Promise<void> {
    await this.#socket?.close();
  }

  #expect(transaction: string, tenant: PortTenant): void {
    const oldest = this.#checks.size >= MAX_CHECKS ? this.#checks.keys().next() : undefined;
    if (oldest && !oldest.done) this.#checks.delete(oldest.value);
    this.#checks.set(transaction, tenant);
  }

  #take(packet: Uint8Array, from: Endpoint): void {
    const kind = packetKind(packet);
    if (kind === 'stun') {
      this.#takeStun(packet, from);
      return;
    }
    const tenant = this.#byAddress.get(keyOf(from));
    if (!tenant || kind === 'unknown') this.#drop('unvalidated-source');
    else if (kind === 'dtls') tenant.onDtls(packet, from);
    else tenant.onMedia(packet, kind);
  }

  #takeStun(packet: Uint8Array, from: Endpoint): void {
    const message = readStun(packet);
    if (!message?.isBinding) this.#drop('malformed-stun');
    else if (message.class === 'request') this.#takeRequest(packet, message, from);
    else this.#takeResponse(packet, message, from);
  }

  #takeRequest(packet: Uint8Array, message: StunMessage, from: Endpoint): void {
    // USERNAME begins with the fragment of the one asked (RFC 8445 §7.2.2).
    const tenant = this.#byFragment.get(message.username?.split(':')[0] ?? '');
    if (!tenant) {
      this.#drop('unknown-fragment');
    } else if (!isAuthentic(message, tenant.password)) {
      this.#drop('wrong-integrity');
    } else if (this.#mayCome(from) && this.#bindAsking(from, tenant)) {
      tenant.onStun(packet, message, from);
    } else {
      this.#drop('refused-source');
    }
  }

  #mayCome(from: Endpoint): boolean {
    return this.#deps.mayReach(from.address) || this.#letIn.has(keyOf(from));
  }

  #takeResponse(packet: Uint8Array, message: StunMessage, from: Endpoint): void {
    const tenant = this.#checks.get(message.transaction);
    if (!tenant) {
      this.#drop('unasked-response');
      return;
    }
    const password = tenant.remotePassword;
    if (password === undefined || !isAuthentic(message, password)) {
      this.#drop('wrong-integrity');
      return;
    }
    this.#checks.delete(message.transaction);
    if (this.#bind(from, tenant)) tenant.onStun(packet, message, from);
  }

  /** Its source may be forged: whose the address was keeps it until an answer has come from there. */
  #bindAsking(from: Endpoint, tenant: PortTenant): boolean {
    const isOthers = (this.#byAddress.get(keyOf(from)) ?? tenant) !== tenant;
    return (isOthers && !this.#deps.isLite) || this.#bind(from, tenant);
  }

  #bind(from: Endpoint, tenant: PortTenant): boolean {
    const key = keyOf(from);
    if (this.#byAddress.get(key) === tenant) return true;
    const held = [...this.#byAddress.values()].filter((it) => it === tenant).length;
    if (held >= MAX_ADDRESSES) return false;
    this.#byAddress.set(key, tenant);
    return true;
  }

  #drop(reason: string): void {
    this.#deps.metrics.count('browser_port_packets_dropped', { reason });
  }
}

function forget(map: Map<string, PortTenant>, tenant: PortTenant): void {
  for (const [key, holder] of map) if (holder === tenant) map.delete(key);
}

export async function openBrowserPort(
  deps: BrowserPortDeps,
  binding: Endpoint,
): Promise<BrowserPort> {
  const port = new SharedBrowserPort(deps);
  await port.open(binding);
  return port;
}

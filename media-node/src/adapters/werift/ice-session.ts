import {
  RTCIceGatherer,
  RTCIceParameters,
  RTCIceTransport,
  Candidate as WeriftCandidate,
} from 'werift';
import { Consent } from '../../core/media/consent.ts';
import { NamedPair } from '../../core/media/named-pair.ts';
import { readStun, type StunMessage } from '../../core/media/stun-message.ts';
import type { Candidate } from '../../core/sdp/candidate.ts';
import type { Clock } from '../../ports/clock.ts';
import type { AccessNames } from '../../ports/media-plane.ts';
import { newAccessNames } from '../media/access-names.ts';
import { type BrowserPort, type Endpoint, keyOf, type PortTenant } from './browser-port.ts';
import { CallTransport, gatherOn } from './call-transport.ts';

/** What comes from a browser by the addresses that a session has proven. */
export type FromBrowser = Pick<PortTenant, 'onDtls' | 'onMedia'> & {
  /** A check of ours was answered from there. */
  readonly onValidated: (from: Endpoint) => void;
};

export interface IceSessionDeps {
  readonly port: BrowserPort;
  readonly clock: Clock;
  readonly sink: FromBrowser;
}

export interface IceSessionOptions {
  readonly announced: Endpoint;
  readonly consentExpiryMs: number;
  readonly isLite: boolean;
}

type PairState = RTCIceTransport['connection']['candidatePairs'][number]['state'];

/** Of a pair of werift's, which keeps these names to itself: to be checked, and answered from where it leads. */
const [WAITING, SUCCEEDED] = [1, 3] as unknown as readonly [PairState, PairState];

/** One ICE session by werift (RFC 8445 §9 makes another of each restart): names, checks, consent. */
export class IceSession implements PortTenant {
  readonly #deps: IceSessionDeps;
  readonly #isLite: boolean;
  readonly #consentExpiryMs: number;
  /** By where it leads: consent is of one pair alone (RFC 7675 §1). */
  readonly #consents = new Map<string, Consent>();
  readonly #named = new NamedPair();
  readonly #transport: CallTransport;
  readonly #gatherer: RTCIceGatherer;
  readonly ice: RTCIceTransport;
  #theirs: AccessNames | undefined;

  constructor(deps: IceSessionDeps, { announced, consentExpiryMs, isLite }: IceSessionOptions) {
    this.#deps = deps;
    this.#isLite = isLite;
    this.#consentExpiryMs = consentExpiryMs;
    this.#transport = new CallTransport(announced, (packet, to) => {
      this.#sendForWerift(packet, to);
    });
    this.#gatherer = new RTCIceGatherer({
      useIpv4: false,
      useIpv6: false,
      additionalHostAddresses: [announced.address],
      iceLite: isLite,
    });
    // Left alone, werift asks a public server for our address.
    delete this.#gatherer.connection.stunServer;
    // Its own fragment has 16 random bits, too few for calls that share a port.
    const { usernameFragment, password } = newAccessNames();
    this.#gatherer.connection.localUsername = usernameFragment;
    this.#gatherer.connection.localPassword = password;
    this.ice = new RTCIceTransport(this.#gatherer);
  }

  /** Its checks are taken from now on. */
  async open(isControlling: boolean): Promise<void> {
    this.isControlling = isControlling;
    this.#deps.port.admit(this);
    await gatherOn(this.#transport, () => this.#gatherer.gather());
  }

  get usernameFragment(): string {
    return this.#gatherer.connection.localUsername;
  }

  get password(): string {
    return this.#gatherer.connection.localPassword;
  }

  get theirs(): AccessNames | undefined {
    return this.#theirs;
  }

  get remotePassword(): string | undefined {
    return this.#theirs?.password;
  }

  get isControlling(): boolean {
    return this.#gatherer.connection.iceControlling;
  }

  set isControlling(is: boolean) {
    this.#gatherer.connection.iceControlling = is;
  }

  /** Where the nominated pair leads. */
  get remote(): Endpoint | undefined {
    const to = this.#gatherer.connection.nominated?.remoteAddr;
    return to && { address: to[0], port: to[1] };
  }

  /** How long the browser still consents to be sent to. */
  get consentMs(): number {
    const { remote } = this;
    return remote ? this.#consentOf(remote).remainingMs(this.#deps.clock.nowMs()) : 0;
  }

  /** Resolves when a pair is nominated. */
  async connect(theirs: AccessNames): Promise<void> {
    this.name(theirs);
    await this.ice.start();
  }

  name({ usernameFragment, password }: AccessNames): void {
    this.#theirs = { usernameFragment, password };
    this.ice.setRemoteParams(new RTCIceParameters({ usernameFragment, password, iceLite: false }));
  }

  addCandidate({ foundation, priority, address, port, type }: Candidate): void {
    const candidate = new WeriftCandidate(foundation, 1, 'udp', priority, address, port, type);
    // It resolves at once for an address and does not reject.
    void this.#gatherer.connection.addRemoteCandidate(candidate);
  }

  /** To the DTLS server, as werift has it read. */
  deliver(packet: Uint8Array, from: Endpoint): void {
    this.#transport.deliver(packet, from);
  }

  onStun(packet: Uint8Array, message: StunMessage, from: Endpoint): void {
    const nowMs = this.#deps.clock.nowMs();
    const isAnswer = message.class === 'success';
    const consent = this.#consentOf(from);
    if (isAnswer) consent.responseReceived(message.transaction, nowMs);
    // A lite agent asks nobody (RFC 7675 §1): who still asks it still listens.
    if (this.#isLite && message.class === 'request') consent.asked(nowMs);
    if (isAnswer || this.#isLite) this.#deps.sink.onValidated(from);
    this.#takeNaming(message, from);
    this.#transport.deliver(packet, from);
  }

  onDtls(packet: Uint8Array, from: Endpoint): void {
    this.#deps.sink.onDtls(packet, from);
  }

  onMedia(packet: Uint8Array, kind: 'rtp' | 'rtcp'): void {
    this.#deps.sink.onMedia(packet, kind);
  }

  /** There is another: no checks any more, but late packets of its pair are still taken. */
  async retire(): Promise<void> {
    this.#deps.port.retire(this);
    await this.ice.stop();
  }

  async close(): Promise<void> {
    this.#deps.port.dismiss(this);
    await this.ice.stop();
  }

  #consentOf(there: Endpoint): Consent {
    const key = keyOf(there);
    const consent = this.#consents.get(key) ?? new Consent(this.#consentExpiryMs);
    this.#consents.set(key, consent);
    return consent;
  }

  /**
   * The browser may want another pair without a restart (RFC 8445 §7.3.1.5). werift stays with the first
   * one that was named, unless it has none: then it takes that which the very next check names, and
   * asks for consent there.
   */
  #takeNaming({ isNaming, transaction }: StunMessage, from: Endpoint): void {
    if (isNaming !== true || this.isControlling) return;
    const nowMs = this.#deps.clock.nowMs();
    const isWanted = this.#named.isNamedStill(keyOf(from), transaction, nowMs);
    const { remote } = this;
    if (!remote || keyOf(remote) === keyOf(from)) return;
    const { connection } = this.#gatherer;
    // As werift finds it: a browser's candidate may be in its list twice.
    const theirs = connection.remoteCandidates.find(
      ({ host: address, port }) => keyOf({ address, port }) === keyOf(from),
    );
    const pair = connection.candidatePairs.find(
      ({ remoteCandidate }) => remoteCandidate === theirs,
    );
    if (!pair || pair.state !== SUCCEEDED) return;
    const isConsented = this.#consentOf(from).remainingMs(nowMs) > 0;
    // Proven long ago: this check has it checked anew.
    if (!isConsented) pair.updateState(WAITING);
    else if (isWanted) connection.resetNominatedPair();
  }

  #sendForWerift(packet: Uint8Array, to: Endpoint): void {
    const message = readStun(packet);
    if (message?.class === 'request') this.#consentOf(to).requestSent(message.transaction);
    this.#deps.port.send(packet, to, this);
  }
}

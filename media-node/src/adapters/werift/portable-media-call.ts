import { LegCounters } from '../../core/media/leg-counters.ts';
import { otherLeg, Relay } from '../../core/media/relay.ts';
import type { AddressPolicy } from '../../core/sdp/address-policy.ts';
import type { Clock } from '../../ports/clock.ts';
import type {
  AccessNames,
  AccessParameters,
  Detour,
  Gate,
  ImsRemote,
  LegName,
  MediaCall,
  MediaEvent,
  RemoteAccessParameters,
  RtpEndpoint,
  StreamRewrite,
  VideoStream,
} from '../../ports/media-plane.ts';
import type { MediaStats, VoiceLegStats } from '../../ports/media-stats.ts';
import { CandidateGate } from '../media/candidate-gate.ts';
import type { ImsPacketSink, ImsPorts } from '../udp/ims-ports.ts';
import type { AccessLeg, AccessLegSink } from './access-leg.ts';
import { newTarget, random32 } from './new-target.ts';
import { PortableVideo } from './portable-video.ts';

/** What a call needs of its access leg. */
export type AccessSide = Pick<
  AccessLeg,
  'parameters' | 'connect' | 'restart' | 'addCandidate' | 'send' | 'resend' | 'close'
>;

export interface MediaCallDeps {
  readonly clock: Clock;
  readonly mayReach: AddressPolicy;
  readonly openAccess: (sink: AccessLegSink) => Promise<AccessSide>;
  readonly openIms: (sink: Omit<ImsPacketSink, 'onFault'>) => Promise<ImsPorts>;
  readonly onEvent: (event: MediaEvent) => void;
  readonly onClosed: (call: PortableMediaCall) => void;
}

export interface MediaCallOptions {
  readonly cname: string;
  readonly rtcpIntervalMs: number;
}

/** One call of the portable plane: an access leg, an IMS port pair, and the relay between them. */
export class PortableMediaCall implements MediaCall {
  readonly #deps: MediaCallDeps;
  readonly #options: MediaCallOptions;
  readonly #counters: Readonly<Record<LegName, LegCounters>>;
  readonly #relay: Relay;
  readonly #legs: { readonly access: AccessSide; readonly ims: ImsPorts };
  readonly #heard = new Set<LegName>();
  readonly #spokenTo = new Set<LegName>();
  readonly ssrcToBrowser: number;
  readonly #candidates: CandidateGate;
  #isClosed = false;
  #isImsFailed = false;
  #detour: Detour | undefined;
  #video: PortableVideo | undefined;
  #stopReports: () => void = () => undefined;

  static async open(deps: MediaCallDeps, options: MediaCallOptions): Promise<PortableMediaCall> {
    let call: PortableMediaCall | undefined;
    const counters = { browser: new LegCounters(), ims: new LegCounters() };
    const access = await deps.openAccess({
      onIceConnected: () => {
        deps.onEvent({ kind: 'ice-connected' });
      },
      onConnected: () => {
        deps.onEvent({ kind: 'access-connected' });
      },
      onFailed: (reason) => {
        deps.onEvent({ kind: 'access-failed', reason });
      },
      onConsentLost: () => {
        deps.onEvent({ kind: 'consent-lost' });
      },
      onConsentRestored: () => {
        deps.onEvent({ kind: 'consent-restored' });
      },
      onMoved: () => call?.beginVideoAnew(),
      onPacket: (packet, kind) => call?.take('browser', packet, kind),
      onDropped: () => {
        counters.browser.dropped();
      },
    });
    try {
      const ims = await deps.openIms({
        onRtp: (packet) => call?.take('ims', packet, 'rtp'),
        onRtcp: (packet) => call?.take('ims', packet, 'rtcp'),
        onDropped: () => {
          counters.ims.dropped();
        },
        onFailed: (reason) => call?.failIms(reason),
      });
      call = new PortableMediaCall(deps, options, { access, ims, counters });
      return call;
    } catch (cause) {
      await access.close();
      throw cause;
    }
  }

  private constructor(
    deps: MediaCallDeps,
    options: MediaCallOptions,
    opened: {
      readonly access: AccessSide;
      readonly ims: ImsPorts;
      readonly counters: Readonly<Record<LegName, LegCounters>>;
    },
  ) {
    this.#deps = deps;
    this.#options = options;
    this.#legs = opened;
    this.#counters = opened.counters;
    this.#candidates = new CandidateGate(deps.mayReach);
    const toBrowser = newTarget();
    this.ssrcToBrowser = toBrowser.ssrc;
    this.#relay = new Relay({ cname: options.cname, toBrowser, toIms: newTarget() });
    this.#reportLater();
  }

  get access(): AccessParameters {
    return this.#legs.access.parameters;
  }

  get ims(): RtpEndpoint {
    return this.#legs.ims.local;
  }

  connectAccess(remote: RemoteAccessParameters): void {
    this.#legs.access.connect(remote);
  }

  restartAccess(theirs: AccessNames): AccessParameters | undefined {
    const before = this.access.usernameFragment;
    const ours = this.#legs.access.restart(theirs);
    if (ours && ours.usernameFragment !== before) this.#candidates.startOver();
    return ours;
  }

  addCandidates(candidates: readonly string[]): void {
    for (const it of this.#candidates.admit(candidates)) this.#legs.access.addCandidate(it);
  }

  connectIms(remote: ImsRemote): void {
    const isMadeHere = this.#detour !== undefined;
    if (this.#legs.ims.connect(remote)) this.#relay.changePeer({ isMadeHere });
  }

  setRewrite(rewrite: StreamRewrite): void {
    this.#relay.setRewrite(rewrite, this.#deps.clock.nowMs());
  }

  async openVideo(): Promise<VideoStream> {
    const { clock, openIms } = this.#deps;
    const { access } = this.#legs;
    const onClosed = (): void => {
      if (this.#video === video) this.#video = undefined;
    };
    const onImsFailed = (reason: string): void => {
      this.failIms(reason);
    };
    const deps = { clock, openIms, access, onClosed, onImsFailed };
    const video = await PortableVideo.open(deps, this.#options.cname);
    this.#video = video;
    return video;
  }

  setGate(gate: Gate): void {
    this.#relay.setGate(gate);
    this.#legs.ims.expect(gate.toIms);
  }

  /** Once. */
  failIms(reason: string): void {
    if (this.#isClosed || this.#isImsFailed) return;
    this.#isImsFailed = true;
    this.#deps.onEvent({ kind: 'ims-failed', reason });
  }

  divert(detour: Detour | undefined): void {
    this.#detour = detour;
  }

  send(to: LegName, packet: Uint8Array): void {
    if (this.#isClosed) return;
    const onward = this.#relay.emit(to, packet, this.#deps.clock.nowMs());
    if (onward) this.#send(to, onward);
  }

  stats(): MediaStats {
    return {
      access: this.#statsOf('browser'),
      ims: this.#statsOf('ims'),
      candidatesRefused: this.#candidates.refused,
    };
  }

  #statsOf(leg: LegName): VoiceLegStats {
    return { ...this.#counters[leg].read(), ...this.#relay.hearingOf(leg) };
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stopReports();
    const nowMs = this.#deps.clock.nowMs();
    this.#sendRtcp('ims', this.#relay.goodbye('ims', nowMs));
    this.#sendRtcp('browser', this.#relay.goodbye('browser', nowMs));
    await this.#video?.close();
    await Promise.all([this.#legs.access.close(), this.#legs.ims.close()]);
    this.#deps.onClosed(this);
  }

  /** A packet of one leg, already authentic and from whom it should be. */
  take(from: LegName, packet: Uint8Array, kind: 'rtp' | 'rtcp'): void {
    if (this.#isClosed) return;
    const nowMs = this.#deps.clock.nowMs();
    if (kind === 'rtcp') {
      this.#relay.takeRtcp(from, packet, nowMs);
      // On the browser's port the reports and wishes of all streams come together.
      if (from === 'browser') this.#video?.takeRtcp(from, packet);
      return;
    }
    if (from === 'browser' && this.#video?.carries(packet) === true) {
      this.#video.take(from, packet);
      return;
    }
    this.#counters[from].received(packet.length);
    this.#hear(from);
    this.#relay.received(from, packet, nowMs);
    const digit = this.#relay.digitIn(from, packet, nowMs);
    if (digit) this.#deps.onEvent({ kind: 'digit', from, ...digit });
    const to = otherLeg(from);
    if (this.#detour && this.#relay.isOpenTo(to)) {
      this.#detour(from, packet);
      return;
    }
    const onward = this.#relay.take(from, packet, nowMs);
    if (onward) this.#send(to, onward);
    else this.#counters[from].dropped();
  }

  beginVideoAnew(): void {
    this.#video?.beginAnew();
  }

  #send(to: LegName, packet: Uint8Array): void {
    const { access, ims } = this.#legs;
    const isSent = to === 'ims' ? ims.sendRtp(packet) : access.send(packet, 'rtp');
    if (!isSent) return;
    this.#counters[to].sent(packet.length);
    if (this.#spokenTo.has(to)) return;
    this.#spokenTo.add(to);
    this.#deps.onEvent({ kind: 'first-sent', to });
  }

  #sendRtcp(to: LegName, compound: Uint8Array | undefined): void {
    if (!compound) return;
    const { access, ims } = this.#legs;
    if (to === 'ims') ims.sendRtcp(compound);
    else access.send(compound, 'rtcp');
  }

  #hear(from: LegName): void {
    if (this.#heard.has(from)) return;
    this.#heard.add(from);
    this.#deps.onEvent({ kind: 'first-packet', from });
  }

  #reportLater(): void {
    // Spread over 0.5 to 1.5 of the interval, so that calls do not report in step (RFC 3550 §6.3.1).
    const ms = this.#options.rtcpIntervalMs * (0.5 + random32() / 2 ** 32);
    this.#stopReports = this.#deps.clock.after(ms, () => {
      const nowMs = this.#deps.clock.nowMs();
      this.#sendRtcp('ims', this.#relay.report('ims', nowMs));
      this.#sendRtcp('browser', this.#relay.report('browser', nowMs));
      this.#video?.report();
      this.#reportLater();
    });
  }
}

import { LegCounters } from '../../core/media/leg-counters.ts';
import { otherLeg } from '../../core/media/relay.ts';
import type { Rewritten } from '../../core/media/rtp-rewrite.ts';
import { SentPackets } from '../../core/media/sent-packets.ts';
import { type Asked, VideoRelay } from '../../core/media/video-relay.ts';
import type { Clock } from '../../ports/clock.ts';
import type {
  Gate,
  ImsRemote,
  LegName,
  RtpEndpoint,
  VideoDetour,
  VideoOutlet,
  VideoRewrite,
  VideoStream,
} from '../../ports/media-plane.ts';
import type { VideoLegStats, VideoStats } from '../../ports/media-stats.ts';
import type { ImsPacketSink, ImsPorts } from '../udp/ims-ports.ts';
import type { AccessLeg } from './access-leg.ts';
import { newTarget } from './new-target.ts';

export interface PortableVideoDeps {
  readonly clock: Clock;
  readonly openIms: (sink: Omit<ImsPacketSink, 'onFault'>) => Promise<ImsPorts>;
  readonly access: Pick<AccessLeg, 'send' | 'resend'>;
  readonly onClosed: () => void;
  readonly onImsFailed: (reason: string) => void;
}

/** One video stream of the portable plane. */
export class PortableVideo implements VideoStream {
  readonly #deps: PortableVideoDeps;
  readonly #relay: VideoRelay;
  readonly #ims: ImsPorts;
  readonly #counters: Readonly<Record<LegName, LegCounters>>;
  readonly #sent = { browser: new SentPackets(), ims: new SentPackets() };
  readonly ssrcToBrowser: number;
  #isClosed = false;
  #gate: Gate = { toIms: false, toBrowser: false };
  #detour: VideoDetour | undefined;

  static async open(deps: PortableVideoDeps, cname: string): Promise<PortableVideo> {
    const counters = { browser: new LegCounters(), ims: new LegCounters() };
    // Nothing comes before `connectIms`.
    const ims = await deps.openIms({
      onRtp: (packet) => {
        video.take('ims', packet);
      },
      onRtcp: (packet) => {
        video.takeRtcp('ims', packet);
      },
      onDropped: () => {
        counters.ims.dropped();
      },
      onFailed: deps.onImsFailed,
    });
    const video = new PortableVideo(deps, { ims, counters, cname });
    return video;
  }

  private constructor(
    deps: PortableVideoDeps,
    opened: {
      readonly ims: ImsPorts;
      readonly counters: Readonly<Record<LegName, LegCounters>>;
      readonly cname: string;
    },
  ) {
    this.#deps = deps;
    this.#ims = opened.ims;
    this.#counters = opened.counters;
    const toBrowser = newTarget();
    this.ssrcToBrowser = toBrowser.ssrc;
    this.#relay = new VideoRelay({ cname: opened.cname, toBrowser, toIms: newTarget() });
  }

  get ims(): RtpEndpoint {
    return this.#ims.local;
  }

  connectIms(remote: ImsRemote): void {
    const isMadeHere = this.#detour !== undefined;
    if (this.#ims.connect(remote)) this.#relay.changePeer({ isMadeHere });
  }

  setRewrite(rewrite: VideoRewrite): void {
    this.#relay.setRewrite(rewrite);
  }

  setGate(gate: Gate): void {
    const { browser, ims } = this.#relay.setGate(gate);
    this.#sendRtcp('browser', browser);
    this.#sendRtcp('ims', ims);
    const before = this.#gate;
    this.#gate = gate;
    this.#ims.expect(gate.toIms);
    if (gate.toIms && !before.toIms) this.#detour?.wantPicture('ims');
    if (gate.toBrowser && !before.toBrowser) this.#detour?.wantPicture('browser');
  }

  divert(detour: VideoDetour | undefined): VideoOutlet {
    this.#detour = detour;
    this.#relay.forgetLimits();
    return {
      send: (to, packet) => {
        if (!this.#isClosed) this.#send(to, this.#relay.emit(to, packet, this.#deps.clock.nowMs()));
      },
      askPicture: (of) => {
        if (!this.#isClosed) this.#sendRtcp(of, this.#relay.askPicture(of));
      },
      askAgain: (of, sequences) => {
        if (!this.#isClosed) this.#sendRtcp(of, this.#relay.askSource(of, sequences));
      },
    };
  }

  /** What was under way when the browser moved is gone: both begin with a whole picture again. */
  beginAnew(): void {
    for (const to of ['ims', 'browser'] as const) {
      if (this.#relay.isOpenTo(to)) this.#wantPicture(to);
    }
  }

  #wantPicture(by: LegName): void {
    const of = otherLeg(by);
    if (this.#detour) this.#detour.wantPicture(by);
    else this.#sendRtcp(of, this.#relay.askPicture(of));
  }

  /** Whether a packet of the browser is of the video. */
  carries(packet: Uint8Array): boolean {
    if (this.#isClosed) return false;
    const isCarried = this.#relay.carries((packet[1] ?? 0) & 0x7f);
    if (!isCarried) this.#relay.passOver(packet);
    return isCarried;
  }

  take(from: LegName, packet: Uint8Array): void {
    if (this.#isClosed) return;
    const nowMs = this.#deps.clock.nowMs();
    this.#counters[from].received(packet.length);
    this.#relay.received(from, packet, nowMs);
    const to = otherLeg(from);
    if (from === 'browser') this.#mend(nowMs);
    if (this.#detour && this.#relay.isOpenTo(to)) {
      this.#detour.take(from, packet);
      return;
    }
    if (!this.#send(to, this.#relay.take(from, packet, nowMs))) this.#counters[from].dropped();
  }

  takeRtcp(from: LegName, packet: Uint8Array): void {
    if (this.#isClosed) return;
    const nowMs = this.#deps.clock.nowMs();
    const asked = this.#relay.takeRtcp(from, packet, nowMs);
    const missing = asked.resend.filter((sequence) => !this.#resend(from, sequence));
    if (this.#detour) {
      this.#tell(this.#detour, from, { ...asked, resend: missing });
      return;
    }
    const other = otherLeg(from);
    if (asked.wantsPicture) this.#wantPicture(from);
    this.#sendRtcp(other, this.#relay.askAgain(from, missing));
    const { limitBitsPerS } = asked;
    const limit = limitBitsPerS !== undefined && this.#relay.limitRate(other, limitBitsPerS, nowMs);
    if (!limit) return;
    this.#sendRtcp(other, limit);
    this.#sendRtcp(from, asked.answer);
  }

  /** Who made the stream sees to what its receiver asks; what is gone cannot be had of the sender. */
  #tell(detour: VideoDetour, by: LegName, asked: Asked): void {
    if (asked.wantsPicture || asked.resend.length > 0) detour.wantPicture(by);
    if (asked.limitBitsPerS !== undefined) detour.limit(by, asked.limitBitsPerS);
    this.#sendRtcp(by, asked.answer);
  }

  report(): void {
    const nowMs = this.#deps.clock.nowMs();
    this.#sendRtcp('ims', this.#relay.report('ims', nowMs));
    this.#sendRtcp('browser', this.#relay.report('browser', nowMs));
  }

  stats(): VideoStats {
    return { access: this.#statsOf('browser'), ims: this.#statsOf('ims') };
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const nowMs = this.#deps.clock.nowMs();
    this.#sendRtcp('ims', this.#relay.goodbye('ims', nowMs));
    this.#sendRtcp('browser', this.#relay.goodbye('browser', nowMs));
    await this.#ims.close();
    this.#deps.onClosed();
  }

  #statsOf(leg: LegName): VideoLegStats {
    return { ...this.#counters[leg].read(), ...this.#relay.hearingOf(leg) };
  }

  #send(to: LegName, onward: Rewritten | undefined): boolean {
    const { access } = this.#deps;
    const sealed =
      onward &&
      (to === 'ims' ? this.#ims.sendRtp(onward.packet) : access.send(onward.packet, 'rtp'));
    if (!sealed) return false;
    this.#counters[to].sent(onward.packet.length);
    this.#sent[to].keep(onward.sequence, sealed);
    return true;
  }

  #mend(nowMs: number): void {
    for (const request of this.#relay.mend(nowMs)) this.#sendRtcp('browser', request);
  }

  #resend(to: LegName, sequence: number): boolean {
    const packet = this.#sent[to].find(sequence);
    if (!packet) return false;
    if (to === 'ims') this.#ims.resendRtp(packet);
    else this.#deps.access.resend(packet);
    return true;
  }

  #sendRtcp(to: LegName, compound: Uint8Array | undefined): void {
    if (!compound) return;
    if (to === 'ims') this.#ims.sendRtcp(compound);
    else this.#deps.access.send(compound, 'rtcp');
  }
}

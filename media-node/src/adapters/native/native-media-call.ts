import { IwfError } from '@isthmus/shared/errors/iwf-error';
import { DigitReader } from '../../core/media/digit-reader.ts';
import type { AddressPolicy } from '../../core/sdp/address-policy.ts';
import { writeHostCandidate } from '../../core/sdp/candidate.ts';
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
import type { MediaStats } from '../../ports/media-stats.ts';
import type { TcpDoor } from '../ice-tcp/ice-tcp-door.ts';
import { isSameName, newAccessNames } from '../media/access-names.ts';
import { CandidateGate } from '../media/candidate-gate.ts';
import { imsRemoteOf } from './ims-remote.ts';
import type { EngineEvent } from './media-addon.ts';
import type { CallReport, MediaWorker, Seat, WorkerTenant } from './media-worker.ts';
import { NativeVideo } from './native-video.ts';
import { base64, namesOf } from './order-values.ts';
import type { CallOrder } from './worker-protocol.ts';

export interface NativeMediaCallDeps {
  readonly worker: MediaWorker;
  readonly mayReach: AddressPolicy;
  readonly ports: PortPairs;
  /** Browsers by TCP come this way, where there is one. */
  readonly door: TcpDoor | undefined;
  readonly onEvent: (event: MediaEvent) => void;
  /** Its ports are free again. */
  readonly onClosed: (call: NativeMediaCall) => void;
}

/** Where ports toward IMS come from. */
export interface PortPairs {
  /** Tries pairs until one can be opened. */
  open<T>(open: (rtpPort: number) => Promise<T | undefined>): Promise<T>;
  give(rtpPort: number): void;
}

export interface NativeMediaCallOptions {
  readonly announced: { readonly browser: string; readonly ims: string };
  readonly fingerprint: string;
  readonly isLite: boolean;
  readonly rtpPort: number;
  readonly cname: string;
}

function eventOf(event: EngineEvent, reason: string): MediaEvent {
  switch (event) {
    case 'first-from-browser':
      return { kind: 'first-packet', from: 'browser' };
    case 'first-from-ims':
      return { kind: 'first-packet', from: 'ims' };
    case 'first-to-browser':
      return { kind: 'first-sent', to: 'browser' };
    case 'first-to-ims':
      return { kind: 'first-sent', to: 'ims' };
    case 'access-failed':
    case 'ims-failed':
      return { kind: event, reason };
    default:
      return { kind: event };
  }
}

const WORKER_LOST = 'the media worker ended';

/** One call of the native plane: everything of it is in the worker but what is said about it. */
export class NativeMediaCall implements MediaCall, WorkerTenant {
  readonly #deps: NativeMediaCallDeps;
  readonly #options: NativeMediaCallOptions;
  readonly #candidates: CandidateGate;
  #seat: Seat | undefined;
  #video: NativeVideo | undefined;
  #isConnected = false;
  #theirs: AccessNames | undefined;
  /** Of the last restart; those of the beginning are in the seat. */
  #ours: AccessNames | undefined;
  /** All that were ours. */
  readonly #admitted: AccessNames[] = [];
  #lastStats: Omit<MediaStats, 'candidatesRefused'> | undefined;
  #closing: Promise<void> | undefined;
  #detour: Detour | undefined;
  readonly #digits = { ims: new DigitReader(), browser: new DigitReader() };

  /** `undefined` where another process has one of the two ports. */
  static async open(
    deps: NativeMediaCallDeps,
    options: NativeMediaCallOptions,
  ): Promise<NativeMediaCall | undefined> {
    const call = new NativeMediaCall(deps, options);
    call.#seat = await deps.worker.open(call, options);
    if (!call.#seat) return undefined;
    call.#openDoor(call.#seat.call);
    return call;
  }

  private constructor(deps: NativeMediaCallDeps, options: NativeMediaCallOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#candidates = new CandidateGate(deps.mayReach);
  }

  get access(): AccessParameters {
    const { announced, fingerprint, isLite } = this.#options;
    const ours = this.#ours ?? this.#seat?.call;
    return {
      usernameFragment: ours?.usernameFragment ?? '',
      password: ours?.password ?? '',
      fingerprint,
      candidates: [
        writeHostCandidate(announced.browser, this.#deps.worker.port),
        ...(this.#deps.door ? [this.#deps.door.candidate] : []),
      ],
      isLite,
    };
  }

  get ims(): RtpEndpoint {
    const { announced, rtpPort } = this.#options;
    return { address: announced.ims, rtpPort, rtcpPort: rtpPort + 1 };
  }

  get ssrcToBrowser(): number {
    return this.#seat?.call.ssrcToBrowser ?? 0;
  }

  connectAccess(remote: RemoteAccessParameters): void {
    const { usernameFragment, password, fingerprints, weControl = false } = remote;
    this.#theirs ??= remote;
    const given = { usernameFragment, password, ...namesOf(fingerprints), weControl };
    this.#order({ kind: 'connect-access', remote: given });
  }

  restartAccess(theirs: AccessNames): AccessParameters | undefined {
    if (!this.#isConnected || this.#closing) return undefined;
    if (isSameName(theirs, this.#theirs)) return this.access;
    const ours = newAccessNames();
    const { usernameFragment, password } = theirs;
    this.#theirs = { usernameFragment, password };
    this.#openDoor(ours);
    this.#ours = ours;
    this.#candidates.startOver();
    this.#order({ kind: 'restart-access', ours, theirs: this.#theirs });
    return this.access;
  }

  addCandidates(candidates: readonly string[]): void {
    for (const { address, port } of this.#candidates.admit(candidates)) {
      this.#order({ kind: 'add-candidate', candidate: { address, port } });
    }
  }

  connectIms(remote: ImsRemote): void {
    this.#order({ kind: 'connect-ims', ...imsRemoteOf(remote) });
  }

  setRewrite(rewrite: StreamRewrite): void {
    const { clockRateHz = 0, browserClockRateHz = clockRateHz } = rewrite;
    const [toIms, toBrowser] = [[...rewrite.payloadToIms], [...rewrite.payloadToBrowser]];
    const { ims = new Map(), browser = new Map() } = rewrite.events ?? {};
    this.#digits.ims.setEvents(ims);
    this.#digits.browser.setEvents(browser);
    this.#order({
      ...{ kind: 'set-rewrite', toIms, toBrowser, clockRateHz, browserClockRateHz },
      ...{ eventsOfIms: [...ims.keys()], eventsOfBrowser: [...browser.keys()] },
    });
  }

  setGate({ toIms, toBrowser, rtcp = false }: Gate): void {
    this.#order({ kind: 'set-gate', toIms, toBrowser, rtcp });
  }

  divert(detour: Detour | undefined): void {
    this.#detour = detour;
    this.#order({ kind: 'divert', isDiverted: detour !== undefined });
  }

  openVideo(): Promise<VideoStream> {
    const { worker, ports } = this.#deps;
    const seat = this.#seat;
    return ports.open(async (rtpPort) => {
      const onClosed = (): void => {
        ports.give(rtpPort);
      };
      const options = { announced: this.#options.announced.ims, rtpPort };
      const video = seat && (await NativeVideo.open({ worker, seat, onClosed }, options));
      // Its end was the end of this, too.
      if (this.#closing) throw new IwfError('internal', { reason: 'the call is over' });
      this.#video = video;
      return video;
    });
  }

  send(to: LegName, packet: Uint8Array): void {
    this.#order({ kind: 'send', toIms: to === 'ims', packet: base64(packet) });
  }

  stats(): MediaStats {
    const legs = this.#lastStats ?? this.#deps.worker.stats.read(this.#seat?.slot ?? 0);
    return { ...legs, candidatesRefused: this.#candidates.refused };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  onReport(report: CallReport): void {
    const { onEvent } = this.#deps;
    if (this.#closing) return;
    if (report.kind === 'of-video') {
      this.#video?.onReport(report);
      return;
    }
    if (report.kind === 'diverted') {
      const { from } = report;
      const packet = Buffer.from(report.packet, 'base64');
      const digit = this.#digits[from].read(packet, performance.now());
      if (digit) onEvent({ kind: 'digit', from, ...digit });
      this.#detour?.(from, packet);
      return;
    }
    if (report.event === 'access-connected') this.#isConnected = true;
    onEvent(eventOf(report.event, report.reason));
  }

  onWorkerLost(): void {
    if (!this.#closing) this.#deps.onEvent({ kind: 'access-failed', reason: WORKER_LOST });
  }

  #openDoor(names: AccessNames): void {
    const { door, worker } = this.#deps;
    // Who has come under the names of before stays: it may be the way until there is another.
    for (const before of this.#admitted) door?.retire(before);
    this.#admitted.push(names);
    door?.admit(names, worker);
  }

  async #close(): Promise<void> {
    if (!this.#seat) return;
    const { worker, onClosed } = this.#deps;
    for (const names of this.#admitted) this.#deps.door?.dismiss(names);
    await Promise.all([this.#video?.close(), worker.close(this.#seat)]);
    // Of the slot's next call nothing is to be shown here.
    this.#lastStats = worker.stats.read(this.#seat.slot);
    onClosed(this);
  }

  #order(order: CallOrder): void {
    if (this.#seat && !this.#closing) this.#deps.worker.order(this.#seat.slot, order);
  }
}

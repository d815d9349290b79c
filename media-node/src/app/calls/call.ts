import type { CallNumbers } from '@isthmus/shared/domain/call-numbers';
import type { ReleaseCause } from '@isthmus/shared/domain/release-cause';
import { IwfError, type IwfErrorCode } from '@isthmus/shared/errors/iwf-error';
import { answersOpenOffer, involves, isOnHold, refusalOf } from '../../core/call/call-machine.ts';
import type { CallEffect, CallTimer, Device } from '../../core/call/call-types.ts';
import type { IncomingInvite } from '../../ports/sip-accounts.ts';
import type { Dialog } from '../../ports/sip-leg.ts';
import { AccessLegs, standing } from './access-legs.ts';
import type { CallDeps, CommandOnCall, StartOfCall, Transfer } from './call-deps.ts';
import { type CallRunner, createCallRunner } from './call-runner.ts';
import { numbersOf } from './carried.ts';
import { ImsLine, type SipEffect } from './ims-line.ts';
import { askedBy } from './plain-commands.ts';
import { SetUpClock } from './set-up-clock.ts';
import { SilenceWatch } from './silence-watch.ts';
import { startRefusal } from './start-refusal.ts';

type Untimed = Exclude<CallEffect, { readonly timer: CallTimer }>;
type Performer = {
  readonly [Kind in Exclude<Untimed['kind'], SipEffect>]: (
    effect: Untimed & { readonly kind: Kind },
  ) => void;
};
type Admitted = Parameters<typeof refusalOf>[1];

interface StartWaiter {
  readonly grant: (sdp: string) => void;
  readonly refuse: (code: IwfErrorCode) => void;
}

/** One call: its machine, its IMS leg, and one access leg for each device taking part. */
export class Call {
  readonly #deps: CallDeps;
  readonly #legs: AccessLegs;
  readonly #runner: CallRunner;
  readonly #lastSeq = new Map<Device, number>();
  readonly #ims: ImsLine;
  readonly #setUp: SetUpClock;
  readonly #silence: SilenceWatch;
  /** Ends the other call of an attended transfer. */
  #consulted: (() => void) | undefined;
  #start: StartWaiter | undefined;

  constructor(deps: CallDeps) {
    this.#deps = deps;
    const { clock, log, createMedia } = deps;
    const perform = (effect: Untimed): void => {
      const handlers = { ...this.#performer, ...this.#ims.performer };
      (handlers[effect.kind] as (effect: Untimed) => void)(effect);
    };
    this.#runner = createCallRunner({ clock, log, perform });
    const { dispatch } = this.#runner;
    this.#setUp = new SetUpClock(clock);
    this.#legs = new AccessLegs({ log, createMedia, dispatch, setUp: this.#setUp });
    this.#silence = new SilenceWatch({
      clock,
      heard: () => this.#legs.heardOfIms,
      mayBeSilent: () => isOnHold(this.#runner.state),
      onSilence: () => {
        dispatch({ kind: 'ims-fell-silent' });
      },
    });
    const divert = () => this.#runner.cause && deps.wishes?.divert(this.#runner.cause);
    this.#ims = new ImsLine({ ...deps, dispatch, divert });
  }

  /** Resolves with the early answer once media is open; rejects with the reason why not. */
  start(device: Device, { seq, ...call }: StartOfCall): Promise<string> {
    this.#takeSeq(device, seq);
    return new Promise((resolve, reject) => {
      const refuse = (code: IwfErrorCode): void => {
        reject(startRefusal(code, this.#deps.callId));
      };
      this.#start = { grant: resolve, refuse };
      this.#runner.dispatch({ kind: 'device-called', device, ...call });
    });
  }

  /** An INVITE of IMS: the devices are told and ring. */
  alert(invite: IncomingInvite, devices: readonly Device[]): void {
    const { from, sdp, needsEarlyAnswer = false } = invite;
    this.#ims.take(invite);
    const offer = sdp === undefined ? {} : { sdp };
    this.#runner.dispatch({ kind: 'ims-called', devices, from, ...offer, needsEarlyAnswer });
    void this.#deps.wishes?.known.then(({ ringMs }) => {
      this.#runner.dispatch({ kind: 'ring-time-known', ms: ringMs });
    });
  }

  /** Throws an `IwfError` where it does not fit. */
  transfer(device: Device, { refer, seq, whenDone }: Transfer): void {
    this.#takeSeq(device, seq);
    this.#admit('device-transferred', device);
    this.#consulted = whenDone;
    this.#runner.dispatch({ kind: 'device-transferred', device, refer });
  }

  /** As they are now, for a device that has media. */
  numbers(device: Device): CallNumbers {
    const carried = this.#legs.carriedNow(device);
    if (!carried) throw this.#wrongState();
    return numbersOf(carried, 'last-report');
  }

  /** Of the conversation with IMS, once there is one. */
  get dialog(): Dialog | undefined {
    return this.#runner.state.kind === 'established' ? this.#ims.dialog : undefined;
  }

  /** Of our INVITE, while nobody has answered it. */
  get earlyDialogs(): readonly Dialog[] {
    return this.#runner.state.kind === 'inviting' ? this.#ims.earlyDialogs : [];
  }

  /** Hangs up for a device, where it still speaks. */
  release(device: Device): void {
    this.#runner.dispatch({ kind: 'device-hung-up', device });
  }

  /** An INVITE that takes the place of this call (RFC 3891). */
  succeed(invite: IncomingInvite): void {
    this.#ims.takeNext(invite);
  }

  /** The session of a device ended; `cause`: where that was not its user's own doing. */
  leave(device: Device, cause?: ReleaseCause): void {
    this.#runner.dispatch({ kind: 'device-left', device, ...(cause && { cause }) });
  }

  /** Whether the call rings or talks on this device. */
  involves(device: Device): boolean {
    return involves(this.#runner.state, device);
  }

  /**
   * A command of a device; returns its answer. Throws an `IwfError` where it does not fit, and then
   * changes nothing.
   */
  command(device: Device, request: CommandOnCall): Record<string, unknown> {
    this.#takeSeq(device, request.seq);
    if (request.action === 'call.restart') return this.#restart(device, request.sdp);
    this.#obey(device, request);
    return {};
  }

  #obey(
    device: Device,
    request: Exclude<CommandOnCall, { readonly action: 'call.restart' }>,
  ): void {
    switch (request.action) {
      case 'call.candidate':
        this.#legs.of(device)?.addCandidates(request.candidates.map((it) => it.candidate));
        return;
      case 'call.ring':
        this.#admit('device-rang', device);
        this.#browserAnswered(device, request.sdp);
        this.#runner.dispatch({ kind: 'device-rang', device });
        return;
      case 'call.accept':
        this.#accept(device, request);
        return;
      case 'call.answer':
        this.#answerReoffer(device, request);
        return;
      default: {
        const asked = askedBy(request);
        this.#admit(asked.kind, device);
        this.#runner.dispatch({ ...asked, device });
      }
    }
  }

  #restart(device: Device, offer: string): { readonly sdp: string } {
    this.#admit('device-restarted', device);
    const answered = this.#legs.of(device)?.restartAccess(offer);
    if (!answered) throw this.#wrongState();
    if (!answered.ok) throw answered.error;
    return { sdp: answered.value.accessAnswer };
  }

  #accept(
    device: Device,
    { sdp, video }: { sdp?: string | undefined; video?: boolean | undefined },
  ): void {
    this.#admit('device-accepted', device);
    if (sdp !== undefined) this.#browserAnswered(device, sdp);
    const media = this.#legs.of(device);
    if (video === false) media?.video.watchOnly();
    const answer = media?.imsAnswer();
    if (!(media && answer)) throw this.#wrongState();
    if (!answer.ok) throw answer.error;
    const wish = media.video.owedWish();
    const facts = { device, imsAnswer: answer.value, ...standing(media), ...media.owedReoffer() };
    this.#runner.dispatch({ kind: 'device-accepted', ...facts, ...(wish && { wish }) });
  }

  #answerReoffer(device: Device, { offerId, sdp }: { offerId: number; sdp: string }): void {
    this.#admit('device-answered', device);
    if (!answersOpenOffer(this.#runner.state, offerId)) throw this.#wrongState();
    const answered = this.#browserAnswered(device, sdp);
    this.#runner.dispatch({ kind: 'device-answered', device, offerId, ...answered });
  }

  #admit(kind: Admitted, device: Device): void {
    if (refusalOf(this.#runner.state, kind, device)) throw this.#wrongState();
  }

  #takeSeq(device: Device, seq: number): void {
    const { callId } = this.#deps;
    if (seq <= (this.#lastSeq.get(device) ?? -1)) {
      throw new IwfError('call.stale-command', { callId, seq });
    }
    this.#lastSeq.set(device, seq);
  }

  #browserAnswered(device: Device, sdp: string): { readonly refusesVideo?: true } {
    const taken = this.#legs.of(device)?.takeBrowserAnswer(sdp);
    if (taken && !taken.ok) throw taken.error;
    return taken?.value ?? {};
  }

  #rang(): void {
    this.#setUp.reached('ringingMs');
    this.#deps.onRang();
  }

  #wrongState(): IwfError {
    const { callId } = this.#deps;
    return new IwfError('call.wrong-state', { callId, state: this.#runner.state.kind });
  }

  readonly #performer: Performer = {
    'prepare-outgoing': ({ device, sdp }) => {
      this.#legs.prepareOutgoing(device, sdp);
    },
    'prepare-incoming': ({ device, sdp, early }) => {
      this.#legs.prepareIncoming(device, sdp, early);
    },
    'grant-start': ({ sdp }) => this.#start?.grant(sdp),
    'refuse-start': ({ code }) => this.#start?.refuse(code),
    'send-invite': ({ target, sdp }) => {
      this.#ims.invite({ target, sdp });
    },
    'send-ring': () => {
      this.#rang();
      this.#ims.ring();
    },
    'call-next': ({ device, target }) => {
      const sdp = this.#legs.offerToNext(device);
      if (sdp === undefined) this.#runner.dispatch({ kind: 'next-rejected', status: 488 });
      else this.#ims.inviteNext({ target, sdp });
    },
    'finish-transfer': () => this.#consulted?.(),
    'make-ims-offer': ({ device, isHeld }) => {
      this.#legs.offerIms(device, isHeld);
    },
    'want-video': ({ device, wish }) => {
      this.#legs.wantVideo(device, wish);
    },
    'revert-video': ({ device }) => {
      this.#legs.revertVideo(device);
    },
    'take-ims-answer': ({ device, sdp }) => {
      this.#legs.takeImsAnswer(device, sdp);
    },
    'take-ims-reoffer': ({ device, sdp }) => {
      this.#legs.takeImsReoffer(device, sdp);
    },
    'take-early-offer': ({ device, ...offer }) => {
      this.#legs.takeEarlyOffer(device, offer);
    },
    'set-gate': ({ device, gate }) => this.#legs.of(device)?.setGate(gate),
    'release-media': ({ device }) => {
      this.#legs.release(device);
    },
    notify: ({ device, notice }) => {
      if (notice.event === 'call.progress') this.#rang();
      this.#deps.notify(device, notice);
    },
    'record-answer': () => {
      const { onAnswered, silentMs } = this.#deps;
      this.#setUp.reached('answeredMs');
      if (silentMs !== undefined) this.#silence.start(silentMs);
      onAnswered(this.dialog?.saved);
    },
    finish: ({ kind: _, ...end }) => {
      this.#silence.stop();
      this.#ims.release();
      this.#deps.onFinished(end, { carried: this.#legs.releaseAll(), ...this.#ims.facts });
    },
  };
}

import type { CallNumbers } from '@isthmus/shared/domain/call-numbers';
import type { AnswerOf } from '@isthmus/shared/wire/answers';
import type { Event, EventOf } from '@isthmus/shared/wire/events';
import type { ForwardingSettings } from '@isthmus/shared/wire/forwarding';
import type { LadderEntry } from '@isthmus/shared/wire/ladder';
import type { Call } from './app/call.ts';
import { createCallRunner } from './app/call-runner.ts';
import type { CallRunner, CallSetUp } from './app/call-set-up.ts';
import { type Conference, createConference } from './app/conference.ts';
import {
  createMessages,
  type Delivery,
  type MessageOptions,
  type Messages,
} from './app/messages.ts';
import { createSessionRunner, type SessionRunner } from './app/session-runner.ts';
import { ToneDesk } from './app/tone-desk.ts';
import { createEmitter } from './core/emitter.ts';
import { PhoneError, type PhoneErrorView, phoneError } from './core/phone-error.ts';
import type { ConnectionState, Credentials } from './core/session-machine.ts';
import type {
  CallOptions,
  ImsPhone,
  LogIn,
  PhoneEvents,
  PhoneOptions,
  Registration,
} from './phone-api.ts';
import type { Camera } from './ports/camera.ts';
import type { Clock } from './ports/clock.ts';
import type { Device, DeviceKind, Devices } from './ports/devices.ts';
import type { Ids } from './ports/ids.ts';
import type { Microphone } from './ports/microphone.ts';
import type { Network } from './ports/network.ts';
import type { CreatePeerConnection } from './ports/peer-connection.ts';
import type { OpenSocket } from './ports/socket.ts';
import type { Tones } from './ports/tones.ts';

export interface PhoneDeps {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly openSocket: OpenSocket;
  readonly createPeer: CreatePeerConnection;
  readonly microphone: Microphone;
  readonly camera: Camera;
  readonly devices: Devices;
  readonly tones: Tones;
  readonly network: Network;
}

interface Pending {
  readonly resolve: () => void;
  readonly reject: (error: PhoneError) => void;
}

const UNREGISTERED: Registration = { state: 'unregistered' };

/** The phone over any sockets and media; `createImsPhone` gives it those of the browser. */
export const createPhone = (deps: PhoneDeps, options: PhoneOptions): ImsPhone =>
  new Phone(deps, options);

class Phone implements ImsPhone {
  readonly #deps: PhoneDeps;
  readonly #emitter = createEmitter<PhoneEvents>();
  readonly #runners = new Map<string, CallRunner>();
  readonly #session: SessionRunner;
  readonly #messages: Messages;
  readonly #tones: ToneDesk;
  declineWhenBusy: boolean;
  #registration: Registration = UNREGISTERED;
  #connection: ConnectionState = 'offline';
  #pending: Pending | undefined;
  readonly on = this.#emitter.on;

  constructor(deps: PhoneDeps, options: PhoneOptions) {
    this.#deps = deps;
    this.declineWhenBusy = options.declineWhenBusy !== false;
    this.#tones = new ToneDesk(deps.tones, () => this.calls.some(isTaken));
    const { clock, ids, network, openSocket } = deps;
    const heard = {
      onEvent: (event: Event): void => {
        this.#take(event);
      },
      onConnection: (state: ConnectionState): void => {
        this.#connect(state);
      },
      onFailure: (view: PhoneErrorView): void => {
        this.#fail(new PhoneError(view));
      },
    };
    this.#session = createSessionRunner({ clock, ids, network, openSocket, ...heard }, options);
    this.#messages = createMessages({ ids, ask: this.#session.ask });
    deps.devices.watch(() => {
      void this.#tellDevices();
    });
  }

  get registration(): Registration {
    return this.#registration;
  }

  get connection(): ConnectionState {
    return this.#connection;
  }

  get calls(): readonly Call[] {
    return [...this.#runners.values()].map((it) => it.call);
  }

  logIn(credentials: LogIn): Promise<void> {
    return this.#enter(credentials);
  }

  registerWithToken(token: string): Promise<void> {
    return this.#enter({ option: 'issued-token', token });
  }

  logOut(): void {
    for (const { call } of [...this.#runners.values()]) call.hangUp();
    this.#session.logOut();
  }

  call(target: string, { video = false, ...options }: CallOptions = {}): Call {
    if (!this.#session.session) throw phoneError('phone.logged-out');
    const callId = this.#deps.ids.next();
    const dialled = { target, ...options };
    const made = this.#open({ direction: 'outgoing', callId, dialled, video });
    made.begin();
    return made.call;
  }

  conference(): Conference {
    const runners = [...this.#runners.values()];
    return createConference(runners.filter(({ call }) => call.phase === 'active'));
  }

  sendMessage(target: string, text: string, options?: MessageOptions): Promise<Delivery> {
    if (!this.#session.session) return Promise.reject(phoneError('phone.logged-out'));
    return this.#messages.send(target, text, options);
  }

  async setForwarding(settings: ForwardingSettings): Promise<void> {
    if (!this.#session.session) throw phoneError('phone.logged-out');
    await this.#session.ask<'forwarding.set'>({ action: 'forwarding.set', ...settings });
  }

  async forwarding(): Promise<ForwardingSettings> {
    if (!this.#session.session) throw phoneError('phone.logged-out');
    return this.#session.ask<'forwarding.get'>({ action: 'forwarding.get' });
  }

  devices(): Promise<readonly Device[]> {
    return this.#deps.devices.list();
  }

  chosenDevice(kind: DeviceKind): string | undefined {
    return this.#deps.devices.chosen(kind);
  }

  async useDevice(kind: DeviceKind, id?: string): Promise<void> {
    await this.#deps.devices.choose(kind, id).catch((cause: unknown) => {
      throw phoneError('device.unusable', cause);
    });
  }

  async trace(callId: string): Promise<readonly LadderEntry[]> {
    if (!this.#session.session) throw phoneError('phone.logged-out');
    const entries: LadderEntry[] = [];
    let from: number | undefined = 0;
    while (from !== undefined) {
      const part: AnswerOf<'call.trace'> = await this.#session.ask<'call.trace'>({
        ...{ action: 'call.trace', callId, from },
      });
      entries.push(...part.entries);
      from = part.next;
    }
    return entries;
  }

  async numbers(callId: string): Promise<CallNumbers> {
    if (!this.#session.session) throw phoneError('phone.logged-out');
    return this.#session.ask<'call.numbers'>({ action: 'call.numbers', callId });
  }

  async #tellDevices(): Promise<void> {
    this.#emitter.emit('devices', await this.#deps.devices.list());
  }

  #enter(credentials: Credentials): Promise<void> {
    if (!this.#session.isLoggedOut) return Promise.reject(phoneError('phone.logged-in'));
    return new Promise((resolve, reject) => {
      this.#pending = { resolve, reject };
      this.#session.logIn(credentials);
    });
  }

  #connect(state: ConnectionState): void {
    this.#connection = state;
    if (state === 'offline') {
      for (const it of [...this.#runners.values()]) it.lose();
      this.#messages.abandon();
      if (this.#registration.state !== 'unregistered') this.#register(UNREGISTERED);
    }
    this.#emitter.emit('connection', state);
  }

  #take(event: Event): void {
    switch (event.event) {
      case 'registration':
        this.#takeRegistration(event);
        return;
      case 'session.ended':
        this.#emitter.emit('ended', { reason: event.reason });
        return;
      case 'call.incoming':
        this.#ring(event);
        return;
      case 'message.incoming':
        this.#emitter.emit('message', { id: event.messageId, from: event.from, text: event.text });
        return;
      case 'message.settled':
        this.#messages.settled(event);
        return;
      default:
        this.#runners.get(event.callId)?.take(event);
    }
  }

  #takeRegistration({ state, impu, error }: EventOf<'registration'>): void {
    this.#register({ state, impu, error });
    if (state === 'registered') {
      this.#pending?.resolve();
      this.#pending = undefined;
    }
    if (state !== 'failed') return;
    const wasLoggingIn = this.#pending !== undefined;
    const why = new PhoneError(error ?? phoneError('request.unanswered'));
    if (!this.#rejectLogIn(why)) this.#emitter.emit('error', why);
    // A first registration that fails leaves nothing worth keeping open.
    if (wasLoggingIn) this.#session.logOut();
  }

  #register(now: Registration): void {
    this.#registration = now;
    this.#emitter.emit('registration', now);
  }

  #fail(error: PhoneError): void {
    if (this.#rejectLogIn(error)) return;
    this.#emitter.emit('error', error);
    this.#emitter.emit('ended', { reason: 'lost' });
  }

  #rejectLogIn(error: PhoneError): boolean {
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.reject(error);
    return pending !== undefined;
  }

  #ring({ callId, from, referredBy, sdp }: EventOf<'call.incoming'>): void {
    const isBusy = this.#runners.size > 0 && this.declineWhenBusy;
    const made = this.#open({ direction: 'incoming', callId, from, referredBy, sdp });
    if (isBusy) {
      made.declineAsBusy();
      return;
    }
    this.#emitter.emit('incoming', made.call);
    made.begin();
  }

  #open(setUp: CallSetUp): CallRunner {
    const { camera, clock, createPeer, microphone, network } = this.#deps;
    const iceServers = () => this.#session.session?.iceServers ?? [];
    const ask = this.#session.ask;
    const tones = this.#tones.of(setUp.callId);
    const takeFloor = (call: Call): void => {
      holdOthers(this.calls, call);
    };
    const media = { createPeer, iceServers, microphone, camera };
    const deps = { clock, ask, tones, takeFloor, network, ...media };
    const made = createCallRunner(deps, setUp);
    this.#runners.set(setUp.callId, made);
    made.call.on('phase', (phase) => {
      if (phase === 'ended') this.#runners.delete(setUp.callId);
      this.#tones.review();
    });
    return made;
  }
}

/** Its user has turned to this call: what rings beside it waits. */
const isTaken = ({ phase }: Call): boolean => phase !== 'incoming' && phase !== 'ended';

/** One call at a time is heard. */
function holdOthers(calls: readonly Call[], heard: Call): void {
  for (const call of calls) if (call !== heard && call.phase === 'active') call.hold();
}

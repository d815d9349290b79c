import type { CallNumbers } from '@isthmus/shared/domain/call-numbers';
import type { RegistrationOption } from '@isthmus/shared/domain/registration-option';
import type { EventOf } from '@isthmus/shared/wire/events';
import type { ForwardingSettings } from '@isthmus/shared/wire/forwarding';
import type { LadderEntry } from '@isthmus/shared/wire/ladder';
import type { Call } from './app/call.ts';
import type { Conference } from './app/conference.ts';
import type { Delivery, MessageOptions, PhoneMessage } from './app/messages.ts';
import type { Emitter } from './core/emitter.ts';
import type { PhoneError, PhoneErrorView } from './core/phone-error.ts';
import type { ConnectionState } from './core/session-machine.ts';
import type { Device, DeviceKind } from './ports/devices.ts';

export interface PhoneOptions {
  /** The WebSocket address of the service. */
  readonly url: string;
  readonly tenant: string;
  /**
   * What the other devices of the user are told when this one takes a call, 64 characters at most;
   * in a browser it is that of the browser and its system unless given. None is told where empty.
   */
  readonly device?: string;
  /**
   * Declines a call that comes while there is one; true unless said otherwise. Else it waits: it
   * rings softly, and who answers it holds the other.
   */
  readonly declineWhenBusy?: boolean;
}

export type LogIn =
  | { readonly option: RegistrationOption; readonly userName: string; readonly password: string }
  /** With the ID token of an OpenID Connect issuer that the tenant trusts. */
  | { readonly option: Exclude<RegistrationOption, 'same-credentials'>; readonly idToken: string };

export interface Registration {
  readonly state: EventOf<'registration'>['state'];
  /** The public identity; absent where the tenant hides it. */
  readonly impu?: string | undefined;
  readonly error?: PhoneErrorView | undefined;
}

export interface PhoneEvents {
  registration: Registration;
  connection: ConnectionState;
  incoming: Call;
  message: PhoneMessage;
  /** Some have come or gone: those there are now. */
  devices: readonly Device[];
  /** The session ended from the other side, or could not be resumed. */
  ended: { readonly reason: EventOf<'session.ended'>['reason'] | 'lost' };
  error: PhoneError;
}

export interface ImsPhone {
  readonly registration: Registration;
  readonly connection: ConnectionState;
  /** As in the options; may be changed at any time. */
  declineWhenBusy: boolean;
  /** The calls that have not ended, in the order they came. */
  readonly calls: readonly Call[];
  readonly on: Emitter<PhoneEvents>['on'];
  /** Settles when IMS has registered or refused the user; rejects with a `PhoneError`. */
  logIn(credentials: LogIn): Promise<void>;
  /** The same with a token that was issued elsewhere. */
  registerWithToken(token: string): Promise<void>;
  logOut(): void;
  /** Throws a `PhoneError` when not logged in. */
  call(target: string, options?: CallOptions): Call;
  /** The two calls that are on hear each other from now on; throws a `PhoneError` where there are not two. */
  conference(): Conference;
  /** Resolves when it has arrived; rejects with a `PhoneError` that says why it did not. */
  sendMessage(target: string, text: string, options?: MessageOptions): Promise<Delivery>;
  /** Where calls go that do not reach this user, and how long they ring; a case left out is not forwarded. */
  setForwarding(settings: ForwardingSettings): Promise<void>;
  forwarding(): Promise<ForwardingSettings>;
  /** Microphones, cameras and, where the browser can choose them, speakers. */
  devices(): Promise<readonly Device[]>;
  /** Undefined: the one that the system is set to. */
  chosenDevice(kind: DeviceKind): string | undefined;
  /**
   * From now on, and in the calls that are on; without an id the one that the system is set to, as
   * when one in use is unplugged. Rejects with a `PhoneError`, and all stays as it was.
   */
  useDevice(kind: DeviceKind, id?: string): Promise<void>;
  /** The signalling of a call of one's own, where the tenant shows it; rejects with a `PhoneError`. */
  trace(callId: string): Promise<readonly LadderEntry[]>;
  /**
   * How a live call is on both legs of the node, up to now; rejects with a `PhoneError`. Each question
   * is a message: ask while somebody looks, and no oftener than every few seconds.
   */
  numbers(callId: string): Promise<CallNumbers>;
}

export interface CallOptions {
  /** With the camera on; a call of voice where there is none, and `error` says why. */
  readonly video?: boolean;
  /** Hides who calls; `false` shows it where the subscription hides it. */
  readonly privacy?: boolean;
  /** Header fields for the INVITE, of those the tenant allows. */
  readonly headers?: Readonly<Record<string, string>>;
}

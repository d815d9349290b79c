import { createBrowserCamera } from './adapters/browser/browser-camera.ts';
import { browserClock } from './adapters/browser/browser-clock.ts';
import { browserIds } from './adapters/browser/browser-ids.ts';
import { createBrowserMicrophone } from './adapters/browser/browser-microphone.ts';
import { browserNetwork } from './adapters/browser/browser-network.ts';
import { createBrowserPeers } from './adapters/browser/browser-peer.ts';
import { openBrowserSocket } from './adapters/browser/browser-socket.ts';
import { createBrowserTones } from './adapters/browser/browser-tones.ts';
import { deviceNameOf } from './core/device-name.ts';
import { type QualityWords, wordsOf } from './core/quality.ts';
import { createPhone } from './phone.ts';
import type { ImsPhone, PhoneOptions } from './phone-api.ts';

export interface BrowserPhoneOptions extends PhoneOptions {
  /** Plays the other side. */
  readonly audio: HTMLAudioElement;
  /** Whether calls may have video; true unless said otherwise. Without, all that is offered is refused. */
  readonly video?: boolean;
}

/**
 * A telephone of an IMS network in a browser tab.
 *
 * @example
 * const phone = createImsPhone({ url: 'wss://calls.example/v1', tenant: 'acme', audio });
 * phone.on('incoming', (call) => call.accept());
 * await phone.logIn({ option: 'token', userName: 'alice', password });
 * const call = phone.call('+4930123456');
 * call.on('phase', (phase) => console.log(phase, call.end?.text));
 * call.on('video', ({ remote }) => { screen.srcObject = remote ?? null; });
 * call.setCamera(true);
 */
export function createImsPhone(options: BrowserPhoneOptions): ImsPhone {
  return createPhone(
    {
      clock: browserClock,
      ids: browserIds,
      openSocket: openBrowserSocket,
      createPeer: createBrowserPeers(options.audio, { takesVideo: options.video !== false }),
      microphone: createBrowserMicrophone(),
      camera: createBrowserCamera(),
      tones: createBrowserTones(),
      network: browserNetwork,
    },
    { device: deviceNameOf(navigator.userAgent), ...options },
  );
}

/** A score in words, whoever measured it. */
export const qualityWordsOf = (mos: number): QualityWords => wordsOf(mos);

export type {
  CallNumbers,
  LegNumbers,
  SetUpTimes,
  VideoLegNumbers,
  VideoNumbers,
} from '@isthmus/shared/domain/call-numbers';
export type { ForwardingSettings } from '@isthmus/shared/wire/forwarding';
export type { LadderEntry } from '@isthmus/shared/wire/ladder';
export type {
  AnswerOptions,
  Call,
  CallEvents,
  CallPhase,
  CallVideo,
  Digit,
  Moving,
  Party,
  ResumeOptions,
  Transfer,
} from './app/call.ts';
export type { Conference, ConferenceEvents } from './app/conference.ts';
export type { Delivery, MessageOptions, PhoneMessage } from './app/messages.ts';
export type { CallEnd } from './core/call-machine.ts';
export type { Held } from './core/holding.ts';
export type { PhoneError } from './core/phone-error.ts';
export type { Quality, QualityWords } from './core/quality.ts';
export type { ConnectionState } from './core/session-machine.ts';
export type {
  CallOptions,
  ImsPhone,
  LogIn,
  PhoneEvents,
  PhoneOptions,
  Registration,
} from './phone-api.ts';

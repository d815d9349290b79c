import { createCameraSlot } from './adapters/browser/browser-camera.ts';
import { browserClock } from './adapters/browser/browser-clock.ts';
import { createBrowserDevices } from './adapters/browser/browser-devices.ts';
import { browserIds } from './adapters/browser/browser-ids.ts';
import { createMicrophoneSlot } from './adapters/browser/browser-microphone.ts';
import { browserNetwork } from './adapters/browser/browser-network.ts';
import { createBrowserPeers } from './adapters/browser/browser-peer.ts';
import { openBrowserSocket } from './adapters/browser/browser-socket.ts';
import { createBrowserTones } from './adapters/browser/browser-tones.ts';
import { SpeakerSlot } from './adapters/browser/speaker-slot.ts';
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
  const speaker = new SpeakerSlot();
  const [microphone, camera] = [createMicrophoneSlot(), createCameraSlot()];
  speaker.drive(options.audio);
  return createPhone(
    {
      clock: browserClock,
      ids: browserIds,
      openSocket: openBrowserSocket,
      createPeer: createBrowserPeers(options.audio, {
        ...{ speaker, takesVideo: options.video !== false },
      }),
      ...{ microphone, camera },
      devices: createBrowserDevices({ microphone, camera, speaker }),
      tones: createBrowserTones(speaker),
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
export type { Device, DeviceKind } from './ports/devices.ts';

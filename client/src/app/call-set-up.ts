import type { Event } from '@isthmus/shared/wire/events';
import type { Dialled } from '../core/call-command.ts';
import type { Camera } from '../ports/camera.ts';
import type { Clock } from '../ports/clock.ts';
import type { Microphone } from '../ports/microphone.ts';
import type { Network } from '../ports/network.ts';
import type { CreatePeerConnection, IceServer, RemoteAudio } from '../ports/peer-connection.ts';
import type { Tones } from '../ports/tones.ts';
import type { Call, Party } from './call.ts';
import type { RequestChannel } from './request-channel.ts';

export interface CallRunnerDeps {
  readonly clock: Clock;
  readonly ask: RequestChannel['ask'];
  readonly createPeer: CreatePeerConnection;
  /** As they are now: credentials are renewed. */
  readonly iceServers: () => readonly IceServer[];
  readonly microphone: Microphone;
  readonly camera: Camera;
  readonly tones: Tones;
  readonly network: Network;
  /** This call is to be the one that is heard: the others are held. */
  readonly takeFloor: (call: Call) => void;
}

export type CallSetUp =
  | {
      readonly direction: 'outgoing';
      readonly callId: string;
      readonly dialled: Dialled;
      readonly video?: boolean;
    }
  | {
      readonly direction: 'incoming';
      readonly callId: string;
      readonly from: Party;
      readonly referredBy?: string | undefined;
      readonly sdp: string;
    };

export interface CallRunner {
  readonly call: Call;
  begin(): void;
  /** An event of the node about this call. */
  take(event: Event): void;
  /** What is heard of its other side. */
  readonly sound: RemoteAudio | undefined;
  /** Lets its other side hear these, too; none: our user alone. */
  mix(others: readonly CallRunner[]): void;
  declineAsBusy(): void;
  lose(): void;
}

/** Whom it is with at first. */
export const remoteOf = (setUp: CallSetUp): Party =>
  setUp.direction === 'incoming' ? setUp.from : { uri: setUp.dialled.target };

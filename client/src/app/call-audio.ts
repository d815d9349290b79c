import { type Held, NOBODY } from '../core/holding.ts';
import { phoneError } from '../core/phone-error.ts';
import type { LocalVideo } from '../ports/camera.ts';
import type { LocalAudio, Microphone } from '../ports/microphone.ts';
import type {
  CreatePeerConnection,
  IceServer,
  MediaCounters,
  PeerConnection,
  PeerListener,
  RemoteAudio,
} from '../ports/peer-connection.ts';

export interface CallAudio {
  offer(): Promise<string>;
  takeAnswer(sdp: string): Promise<void>;
  answer(offerSdp: string): Promise<string>;
  /** `exchange` brings the node's answer; resolves to whether media can flow by then. */
  readonly restart: (exchange: (offer: string) => Promise<string>) => Promise<boolean>;
  join(): Promise<void>;
  /** On the same transport. */
  film(camera: LocalVideo | undefined): Promise<void>;
  mute(on: boolean): void;
  hold(held: Held): void;
  readonly remote: RemoteAudio | undefined;
  /** Sends these, too; none: the microphone alone. */
  mix(others: readonly RemoteAudio[]): Promise<void>;
  sendDtmf(digits: string): boolean;
  readonly counters: () => Promise<MediaCounters>;
  close(): void;
}

export interface CallAudioDeps {
  readonly createPeer: CreatePeerConnection;
  readonly iceServers: () => readonly IceServer[];
  readonly microphone: Microphone;
}

/** Microphone and transport of one call; descriptions are changed one at a time. */
export function createCallAudio(deps: CallAudioDeps, listener: PeerListener): CallAudio {
  const peer: PeerConnection = deps.createPeer(deps.iceServers(), listener);
  let local: LocalAudio | undefined;
  let muted = false;
  let held = NOBODY;
  let closed = false;
  let last: Promise<unknown> = Promise.resolve();

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  };
  /** Nobody is listened to who cannot be heard. */
  const isSpeaking = (): boolean => !(muted || held.byUs || held.byThem);
  const openMicrophone = async (): Promise<LocalAudio> => {
    const opened = await deps.microphone.open().catch((cause: unknown) => {
      throw phoneError('call.microphone', cause);
    });
    // Who hangs up while the browser still asks does not want to be listened to.
    if (closed) opened.stop();
    opened.setEnabled(isSpeaking());
    local = opened;
    return opened;
  };
  return {
    offer: () => {
      peer.hear(true);
      return inTurn(async () => peer.offer(await openMicrophone()));
    },
    takeAnswer: (sdp) => inTurn(() => peer.takeAnswer(sdp)),
    answer: (offerSdp) => inTurn(() => peer.answer(offerSdp)),
    restart: (exchange) =>
      inTurn(async () => {
        const offer = await peer.restart(deps.iceServers());
        try {
          await peer.takeAnswer(await exchange(offer));
        } catch (cause) {
          await peer.rollBack();
          throw cause;
        }
        return peer.isConnected;
      }),
    join: () => {
      peer.hear(true);
      return inTurn(async () => peer.sendFrom(await openMicrophone()));
    },
    film: (camera) => inTurn(() => peer.film(camera)),
    mute(on) {
      muted = on;
      local?.setEnabled(isSpeaking());
    },
    hold(now) {
      held = now;
      local?.setEnabled(isSpeaking());
      peer.hear(!now.byUs);
    },
    get remote() {
      return peer.remote;
    },
    mix: (others) =>
      inTurn(async () => {
        if (local && !closed) await peer.mix(local, others);
      }),
    sendDtmf: (digits) => peer.sendDtmf(digits),
    counters: () => peer.counters(),
    close() {
      closed = true;
      local?.stop();
      peer.close();
    },
  };
}

import type { AnswerOf } from '@isthmus/shared/wire/answers';
import type { CallEvent } from '../core/call-machine.ts';
import type { Emitter } from '../core/emitter.ts';
import type { Held } from '../core/holding.ts';
import { asPhoneError } from '../core/phone-error.ts';
import type { PeerListener } from '../ports/peer-connection.ts';
import type { CallEvents } from './call.ts';
import { type CallAudio, createCallAudio } from './call-audio.ts';
import { type CallCommands, createCallCommands } from './call-commands.ts';
import { CallPictures } from './call-pictures.ts';
import type { CallRunnerDeps, CallSetUp } from './call-set-up.ts';
import { CallTransfers } from './call-transfers.ts';
import { CallWatch } from './call-watch.ts';
import { createPathKeeper, type PathKeeper } from './path-keeper.ts';

/** The call that the parts are of. */
export interface CallHost {
  readonly dispatch: (event: CallEvent) => void;
  readonly tell: Emitter<CallEvents>['emit'];
  readonly held: () => Held;
  readonly isActive: () => boolean;
  /** The node can be asked about it. */
  readonly isKnown: () => boolean;
}

export interface CallParts {
  readonly audio: CallAudio;
  readonly commands: CallCommands;
  readonly path: PathKeeper;
  readonly pictures: CallPictures;
  readonly transfers: CallTransfers;
  readonly watch: CallWatch;
}

/** What a call is made of, each part told of the others only what it needs. */
export function createCallParts(deps: CallRunnerDeps, setUp: CallSetUp, host: CallHost): CallParts {
  const { clock, createPeer, iceServers, microphone, network, tones } = deps;
  const { held, tell } = host;
  const pictures = createPictures(deps, host, () => audio);
  const listener = peerListener(host, pictures, () => path);
  const audio = createCallAudio({ createPeer, iceServers, microphone }, listener);
  const watch = new CallWatch({ clock, tones, counters: audio.counters, held, tell });
  const transfers = new CallTransfers({
    ...{ setUp, tell },
    send: (command) => {
      commands.send(command);
    },
  });
  const commands = createCallCommands({
    ...{ callId: setUp.callId, ask: deps.ask },
    granted: (action, answer) => {
      if (action !== 'call.start') return;
      host.dispatch({ kind: 'granted', sdp: (answer as AnswerOf<'call.start'>).sdp });
    },
    refused: (action, thrown) => {
      const error = asPhoneError(thrown, 'connection.lost');
      if (action === 'call.transfer' || action === 'call.transfer-to')
        transfers.refused(error.message);
      host.dispatch({ kind: 'command-refused', action, error });
    },
  });
  const path = createPathKeeper({
    ...{ clock, network, tell, mayOffer: host.isKnown },
    restart: () =>
      audio.restart(async (sdp) => (await commands.exchange({ action: 'call.restart', sdp })).sdp),
  });
  return { audio, commands, path, pictures, transfers, watch };
}

const createPictures = (
  { camera }: CallRunnerDeps,
  { dispatch, tell }: CallHost,
  audio: () => CallAudio,
): CallPictures =>
  new CallPictures({
    camera,
    film: (local) => audio().film(local),
    ask: (video) => {
      dispatch({ kind: 'video-asked', video });
    },
    changed: (video) => {
      tell('video', video);
    },
    failed: (error) => {
      tell('error', error);
    },
  });

const peerListener = (
  { dispatch, isActive, tell }: CallHost,
  pictures: CallPictures,
  path: () => PathKeeper,
): PeerListener => ({
  candidate: (candidate) => {
    dispatch({ kind: 'candidate-found', candidate });
  },
  connected: () => {
    tell('media', 'flowing');
    path().happened({ kind: 'connected' });
  },
  lost: (how) => {
    path().happened({ kind: how });
    if (isActive()) tell('media', 'lost');
  },
  pictured: (remote) => {
    pictures.show(remote);
  },
});

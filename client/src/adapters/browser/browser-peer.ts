import type { LocalAudio } from '../../ports/microphone.ts';
import type {
  CreatePeerConnection,
  IceServer,
  MediaCounters,
  PeerConnection,
  PeerListener,
  RemoteAudio,
} from '../../ports/peer-connection.ts';
import { type Mix, mixOf } from './browser-mix.ts';
import { createPicturing, type Picturing, transceiverOf } from './browser-picture.ts';
import type { OpenDevice } from './open-device.ts';
import type { SpeakerSlot } from './speaker-slot.ts';

/** Only this file makes it. */
interface BrowserRemote extends RemoteAudio {
  readonly stream: MediaStream;
}

const streamOf = (remote: RemoteAudio): MediaStream => (remote as BrowserRemote).stream;

/** Only `createMicrophoneSlot` opens microphones for these connections. */
const browserAudio = (audio: LocalAudio): OpenDevice => audio as OpenDevice;

export interface BrowserPeerOptions {
  /** False: every video that is offered is refused. */
  readonly takesVideo: boolean;
  /** Of what is heard beside the player. */
  readonly speaker: SpeakerSlot;
}

export const createBrowserPeers =
  (player: HTMLAudioElement, { speaker, takesVideo }: BrowserPeerOptions): CreatePeerConnection =>
  (iceServers, listener) => {
    const connection = new RTCPeerConnection(configuration(iceServers));
    tell(connection, listener);
    let stream: MediaStream | undefined;
    let isHeard = false;
    // In a conference each is heard by a player of its own, which Chromium also wants of a stream
    // before it gives its sound to a mix.
    const beside = new Audio();
    const leaveSpeaker = speaker.drive(beside);
    const play = (): void => {
      if (!stream || player.srcObject === stream) return;
      player.srcObject = stream;
      // A page that the user has not touched may not play; the next click on it starts it.
      player.play().catch(() => undefined);
    };
    const leave = (): void => {
      if (stream && player.srcObject === stream) player.srcObject = null;
    };
    const hear = (on: boolean): void => {
      isHeard = on;
      if (beside.srcObject) return;
      if (on) play();
      else leave();
    };
    connection.ontrack = ({ track }) => {
      if (track.kind !== 'audio') return;
      stream = new MediaStream([track]);
      if (isHeard) play();
    };
    const hearBeside = (isBeside: boolean): void => {
      beside.srcObject = isBeside && stream ? stream : null;
      if (isBeside) {
        leave();
        beside.play().catch(() => undefined);
      } else if (isHeard) play();
    };
    const shown = listener.pictured;
    const picturing = createPicturing(connection, { takesVideo, shown });
    const mixing = createMixing(connection, hearBeside);
    const stop = (): void => {
      mixing.close();
      connection.onicecandidate = null;
      connection.onconnectionstatechange = null;
      connection.ontrack = null;
      leave();
      leaveSpeaker();
      connection.close();
    };
    return {
      ...describing(connection, { picturing, sendFrom: mixing.sendFrom }),
      ...sending(connection),
      film: picturing.film,
      ...{ hear, close: stop, mix: mixing.mix, sendFrom: mixing.sendFrom },
      get isConnected() {
        return connection.connectionState === 'connected';
      },
      get remote() {
        return stream && ({ kind: 'remote-audio', stream } satisfies BrowserRemote);
      },
    };
  };

const configuration = (iceServers: readonly IceServer[]): RTCConfiguration => ({
  iceServers: iceServers.map(({ urls, username, credential }) => ({
    urls,
    ...(username !== undefined && credential !== undefined && { username, credential }),
  })),
  bundlePolicy: 'max-bundle',
});

function tell(connection: RTCPeerConnection, listener: PeerListener): void {
  connection.onicecandidate = ({ candidate }) => {
    const sdpMid = candidate?.sdpMid ?? undefined;
    listener.candidate({
      candidate: candidate?.candidate ?? '',
      ...(sdpMid === undefined ? {} : { sdpMid }),
    });
  };
  connection.onconnectionstatechange = () => {
    if (connection.connectionState === 'connected') listener.connected();
    if (connection.connectionState === 'disconnected') listener.lost('interrupted');
    if (connection.connectionState === 'failed') listener.lost('failed');
  };
}

interface Mixing extends Pick<PeerConnection, 'mix' | 'sendFrom'> {
  close(): void;
}

function createMixing(
  connection: RTCPeerConnection,
  hearBeside: (isBeside: boolean) => void,
): Mixing {
  let mixed: Mix | undefined;
  let joined: readonly RemoteAudio[] = [];
  const close = (): void => {
    mixed?.close();
    mixed = undefined;
    hearBeside(false);
  };
  const mix: Mixing['mix'] = async (audio, others) => {
    joined = others;
    const { stream, track } = browserAudio(audio);
    const next = others.length === 0 ? undefined : mixOf([stream, ...others.map(streamOf)]);
    await transceiverOf(connection, 'audio')?.sender.replaceTrack(next?.track ?? track);
    close();
    mixed = next;
    hearBeside(next !== undefined);
  };
  return {
    ...{ close, mix },
    async sendFrom(audio) {
      browserAudio(audio).follow(() => mix(audio, joined));
      await transceiverOf(connection, 'audio')?.sender.replaceTrack(browserAudio(audio).track);
    },
  };
}

type Describing = Pick<PeerConnection, 'offer' | 'takeAnswer' | 'answer' | 'restart' | 'rollBack'>;

interface Described extends Pick<PeerConnection, 'sendFrom'> {
  readonly picturing: Picturing;
}

function describing(connection: RTCPeerConnection, { picturing, sendFrom }: Described): Describing {
  const localSdp = (): string => connection.localDescription?.sdp ?? '';
  return {
    async offer(audio) {
      const { track, stream } = browserAudio(audio);
      connection.addTransceiver(track, { direction: 'sendrecv', streams: [stream] });
      await sendFrom(audio);
      picturing.addCamera();
      await connection.setLocalDescription(await connection.createOffer());
      return localSdp();
    },
    async restart(iceServers) {
      connection.setConfiguration(configuration(iceServers));
      await connection.setLocalDescription(await connection.createOffer({ iceRestart: true }));
      return localSdp();
    },
    rollBack: () => connection.setLocalDescription({ type: 'rollback' }),
    async takeAnswer(sdp) {
      await connection.setRemoteDescription({ type: 'answer', sdp });
      picturing.settled();
    },
    async answer(offerSdp) {
      await connection.setRemoteDescription({ type: 'offer', sdp: offerSdp });
      await picturing.prepareAnswer();
      for (const transceiver of connection.getTransceivers())
        if (transceiver.direction !== 'stopped') transceiver.direction = 'sendrecv';
      await connection.setLocalDescription(await connection.createAnswer());
      picturing.settled();
      return localSdp();
    },
  };
}

type Sending = Pick<PeerConnection, 'sendDtmf' | 'counters'>;

const TONE_MS = 100;
const PAUSE_MS = 70;

function sending(connection: RTCPeerConnection): Sending {
  const sender = (): RTCRtpSender | undefined => transceiverOf(connection, 'audio')?.sender;
  return {
    sendDtmf(digits) {
      const dtmf = sender()?.dtmf;
      if (!dtmf?.canInsertDTMF) return false;
      // Inserting replaces what has not been sent yet, so that is put before it.
      dtmf.insertDTMF(dtmf.toneBuffer + digits, TONE_MS, PAUSE_MS);
      return true;
    },
    counters: async () => countersOf(await connection.getStats()),
  };
}

interface StatsEntry {
  readonly type: string;
  readonly kind?: string;
  readonly nominated?: boolean;
  readonly currentRoundTripTime?: number;
  readonly packetsReceived?: number;
  readonly packetsLost?: number;
  readonly jitter?: number;
}

function countersOf(report: RTCStatsReport): MediaCounters {
  const entries: StatsEntry[] = [];
  for (const [, entry] of report) entries.push(entry as StatsEntry);
  const inbound = entries.find((it) => it.type === 'inbound-rtp' && it.kind === 'audio');
  const pair = entries.find((it) => it.type === 'candidate-pair' && it.nominated === true);
  return {
    packetsReceived: inbound?.packetsReceived ?? 0,
    packetsLost: inbound?.packetsLost ?? 0,
    jitterMs: (inbound?.jitter ?? 0) * 1000,
    roundTripMs: (pair?.currentRoundTripTime ?? 0) * 1000,
  };
}

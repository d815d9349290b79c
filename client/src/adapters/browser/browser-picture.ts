import type { LocalVideo } from '../../ports/camera.ts';
import type { PeerConnection } from '../../ports/peer-connection.ts';
import type { OpenDevice } from './open-device.ts';

export interface Picturing extends Pick<PeerConnection, 'film'> {
  /** Before our first offer. */
  addCamera(): void;
  /** Between an offer to us and our answer. */
  prepareAnswer(): Promise<void>;
  /** Once offer and answer have settled. */
  settled(): void;
}

export interface PicturingOptions {
  /** False: every video that is offered is refused. */
  readonly takesVideo: boolean;
  readonly shown: (remote: MediaStream | undefined) => void;
}

/** Only `createCameraSlot` opens cameras for these connections. */
const browserVideo = (video: LocalVideo): OpenDevice => video as OpenDevice;

const RECEIVING: readonly (string | null)[] = ['sendrecv', 'recvonly'];

/** The one video of a connection: the camera on its way out, the other side's picture on its way in. */
export function createPicturing(
  connection: RTCPeerConnection,
  { takesVideo, shown }: PicturingOptions,
): Picturing {
  let camera: LocalVideo | undefined;
  let remote: MediaStream | undefined;

  const transceiver = (): RTCRtpTransceiver | undefined => transceiverOf(connection, 'video');
  const attach = async (): Promise<void> => {
    const track = camera ? browserVideo(camera).track : null;
    const sender = transceiver()?.sender;
    if (sender && sender.track !== track) await sender.replaceTrack(track);
  };
  return {
    async film(video) {
      camera = video;
      if (video) browserVideo(video).follow(attach);
      await attach();
    },
    addCamera() {
      if (!camera) return;
      const { stream, track } = browserVideo(camera);
      connection.addTransceiver(track, { direction: 'sendrecv', streams: [stream] });
    },
    async prepareAnswer() {
      // A transceiver that was stopped is answered with port 0 (RFC 8829 §5.3.1).
      if (!takesVideo) transceiver()?.stop();
      await attach();
    },
    settled() {
      const used = transceiver();
      const isReceiving = used !== undefined && RECEIVING.includes(used.currentDirection);
      const track = isReceiving ? used.receiver.track : undefined;
      if (track === remote?.getTracks()[0]) return;
      remote = track ? new MediaStream([track]) : undefined;
      shown(remote);
    },
  };
}

export const transceiverOf = (
  connection: RTCPeerConnection,
  kind: 'audio' | 'video',
): RTCRtpTransceiver | undefined =>
  connection
    .getTransceivers()
    .find((it) => it.receiver.track.kind === kind && it.direction !== 'stopped');

import type { Camera, LocalVideo } from '../../ports/camera.ts';

export interface BrowserVideo extends LocalVideo {
  readonly track: MediaStreamTrack;
}

/** Enough for a face on a screen, and little enough for a mobile uplink. */
const PICTURE = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 } };

export const createBrowserCamera = (): Camera => ({
  async open(): Promise<BrowserVideo> {
    const stream = await navigator.mediaDevices.getUserMedia({ video: PICTURE });
    const [track] = stream.getVideoTracks();
    if (!track) throw new DOMException('no video track', 'NotFoundError');
    return {
      stream,
      track,
      setEnabled(enabled) {
        track.enabled = enabled;
      },
      stop() {
        track.stop();
      },
    };
  },
});

import type { LocalAudio, Microphone } from '../../ports/microphone.ts';

export interface BrowserAudio extends LocalAudio {
  readonly stream: MediaStream;
  readonly track: MediaStreamTrack;
}

export const createBrowserMicrophone = (): Microphone => ({
  async open(): Promise<BrowserAudio> {
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
    });
    const [track] = stream.getAudioTracks();
    if (!track) throw new DOMException('no audio track', 'NotFoundError');
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
